import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { exportJWK, generateKeyPair } from 'jose'
import { startDurablePostgres } from '../../faults/durable-postgres.ts'
import { startRedis } from '../../test/support/redis.ts'
import { createTempDirectory } from '../../test/support/temp-directory.ts'
import { issueCards, type Card } from '../load/issue-cards.ts'
import type { Cores } from '../process/cores.ts'
import type { Contestant } from './contestant.ts'
import { startFirstDraft } from './first-draft/start-first-draft.ts'
import { startNation, type Nation } from './ours/start-nation.ts'
import { startOurs } from './ours/start-ours.ts'
import type { SigningAlgorithm } from './stock/create-stock-provider.ts'
import { startStock } from './stock/start-stock.ts'

/** Everybody who can be measured, started when first asked for, and what they stand on. */
export interface Arena {
  readonly cores: Cores
  stock(): Promise<Contestant>
  ours(): Promise<Contestant>
  firstDraft(): Promise<Contestant>
  nation(): Promise<Nation>
  cards(): Promise<readonly Card[]>
  /** Of stock, and of ours. */
  redisPorts(): Promise<{ readonly stock: number; readonly ours: number }>
  close(): Promise<void>
}

export interface ArenaOptions {
  readonly cores: Cores
  /** Of ID tokens, of everybody alike. */
  readonly algorithm: SigningAlgorithm
  /** People, each with a card. */
  readonly people: number
  readonly say: (line: string) => void
}

export function createArena({ cores, algorithm, people, say }: ArenaOptions): Arena {
  const closers: (() => Promise<unknown>)[] = []
  const ending = new AbortController()
  /** Opened at the first question, closed in the opposite order at the end. */
  const once = <Part>(
    name: string,
    open: () => Promise<Part>,
    close: (part: Part) => Promise<unknown>,
  ): (() => Promise<Part>) => {
    let opening: Promise<Part> | undefined
    return () => {
      if (ending.signal.aborted) throw new Error('the bench is ending')
      opening ??= (async () => {
        say(`starting ${name} …`)
        const part = await open()
        if (ending.signal.aborted) await close(part)
        else closers.push(() => close(part))
        return part
      })()
      return opening
    }
  }

  const directory = once(
    'a temporary directory',
    () => Promise.resolve(createTempDirectory('bench')),
    (made) => made.remove(),
  )
  const redisOfStock = once('Redis', startRedis, (redis) => redis.close())
  const redisOfOurs = once('another Redis', startRedis, (redis) => redis.close())
  const postgres = once(
    'PostgreSQL',
    () => startDurablePostgres({ smallDisk: false }),
    (server) => server.remove(),
  )
  const nation = once(
    'the virtual JPKI',
    async () => startNation((await directory()).path),
    (made) => made.close(),
  )
  const nothing = (): Promise<void> => Promise.resolve()
  const cards = once(`${people} cards`, async () => issueCards((await nation()).jpki, people), nothing)
  const jwksFile = once('signing keys', async () => writeKeys((await directory()).path), nothing)
  const stop = (contestant: Contestant): Promise<void> => contestant.stop()
  const stock = once(
    'stock oidc-provider',
    async () =>
      startStock({ redisPort: (await redisOfStock()).port, jwksFile: await jwksFile(), algorithm, core: cores.server }),
    stop,
  )
  const ours = once(
    'sekisho serve',
    async () =>
      startOurs({
        databaseUrl: (await postgres()).url,
        redisUrl: (await redisOfOurs()).url,
        nation: (await nation()).environment,
        algorithm,
        core: cores.server,
      }),
    stop,
  )
  const firstDraft = once(
    'the first draft',
    async () => {
      const { environment } = await nation()
      return startFirstDraft({
        redisPort: (await redisOfStock()).port,
        jwksFile: await jwksFile(),
        anchors: join(environment['TRUST_ANCHORS_DIR'] ?? '', 'authentication'),
        ocspUrl: environment['OCSP_URL'] ?? '',
        core: cores.server,
      })
    },
    stop,
  )
  return {
    cores,
    stock,
    ours,
    firstDraft,
    nation,
    cards,
    redisPorts: async () => ({ stock: (await redisOfStock()).port, ours: (await redisOfOurs()).port }),
    close: async () => {
      ending.abort()
      for (const close of closers.splice(0).reverse()) await close()
    },
  }
}

/** One key of each algorithm, so that a client of either finds its own. */
async function writeKeys(directory: string): Promise<string> {
  const keys = await Promise.all(
    (['ES256', 'RS256'] as const).map(async (alg) => {
      const { privateKey } = await generateKeyPair(alg, { extractable: true, modulusLength: 2048 })
      return { ...(await exportJWK(privateKey)), kid: alg, alg, use: 'sig' }
    }),
  )
  const file = join(directory, 'jwks.json')
  writeFileSync(file, JSON.stringify({ keys }), { mode: 0o600 })
  return file
}
