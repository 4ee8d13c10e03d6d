import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { exportJWK, generateKeyPair } from 'jose'
import pg from 'pg'
import { startDurablePostgres } from '../../faults/durable-postgres.ts'
import { startRedis } from '../../test/support/redis.ts'
import { createTempDirectory } from '../../test/support/temp-directory.ts'
import { issueCards, type Card } from '../load/issue-cards.ts'
import type { Cores } from '../process/cores.ts'
import type { Tap } from '../wire/tap-connection.ts'
import type { Contestant, OursContestant } from './contestant.ts'
import { startFloor } from './floor/start-floor.ts'
import { startFirstDraft } from './first-draft/start-first-draft.ts'
import { startNation, type Nation } from './ours/start-nation.ts'
import { startBare } from './ours/start-bare.ts'
import { startOurs, type ClientSecrets, type StartOursOptions } from './ours/start-ours.ts'
import type { SigningAlgorithm } from './stock/create-stock-provider.ts'
import { startStock } from './stock/start-stock.ts'

/** Everybody who can be measured, started when first asked for, and what they stand on. */
export interface Arena {
  readonly cores: Cores
  stock(): Promise<Contestant>
  ours(): Promise<OursContestant>
  /** The OpenID endpoints of ours with nothing around them, for clients and tokens of ours. */
  bare(): Promise<Contestant>
  firstDraft(): Promise<Contestant>
  /** The reads of stock's introspection alone. */
  floor(): Promise<Contestant>
  nation(): Promise<Nation>
  cards(): Promise<readonly Card[]>
  /** Another stock and another ours, for the bench to listen on what they send: the wires are laid first. */
  tapped(lay: { redis(port: number): Promise<Tap>; postgres(port: number): Promise<Tap> }): Promise<{
    readonly stock: { readonly contestant: Contestant; readonly redis: Tap }
    readonly ours: { readonly contestant: Contestant; readonly redis: Tap; readonly postgres: Tap }
  }>
  /** Another one of ours, with a database and a Redis of its own; the caller stops it. */
  anotherOurs(options?: AnotherOurs): Promise<OursContestant>
  /** A database that nobody used before. */
  newDatabase(): Promise<string>
  /** Of stock, and of ours. */
  redisPorts(): Promise<{ readonly stock: number; readonly ours: number }>
  /** Stock once more, with the Redis of the first. */
  anotherStock(): Promise<Contestant>
  close(): Promise<void>
}

export interface AnotherOurs {
  readonly workers?: number
  readonly redisUrl?: string
  /** Instead of a new one. */
  readonly databaseUrl?: string
  /** Of the clients that are registered in that database. */
  readonly secrets?: ClientSecrets
  readonly nodeArgs?: readonly string[]
  /** Where it may run instead of on the first core. */
  readonly cores?: string
}

/** Its own defaults; a country that is filled need not be logged, sign-ins are, and wait for the disk. */
const ORDINARY_POSTGRES = { shared_buffers: '128MB', max_wal_size: '1GB', wal_level: 'minimal', max_wal_senders: '0' }

/** What is being started when all ends has so long to come up and be stopped. */
const HALF_OPEN_MS = 30_000

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
  const openings = new Set<Promise<unknown>>()
  /** To be waited for at the end: what is half open would stay behind. */
  const track = <Part>(opening: Promise<Part>): Promise<Part> => {
    openings.add(opening)
    opening.catch(() => undefined)
    return opening
  }
  /** Closed at the end; at once when that has come already. */
  const keep = async <Part>(part: Part, close: (part: Part) => Promise<unknown>): Promise<Part> => {
    if (!ending.signal.aborted) {
      closers.push(() => close(part))
      return part
    }
    await close(part)
    throw new Error('the bench is ending')
  }
  /** Opened at the first question, closed in the opposite order at the end. */
  const once = <Part>(
    name: string,
    open: () => Promise<Part>,
    close: (part: Part) => Promise<unknown>,
  ): (() => Promise<Part>) => {
    let opening: Promise<Part> | undefined
    return () => {
      if (ending.signal.aborted) throw new Error('the bench is ending')
      opening ??= track(
        (async () => {
          say(`starting ${name} …`)
          return keep(await open(), close)
        })(),
      )
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
    () => startDurablePostgres({ smallDisk: false, settings: ORDINARY_POSTGRES }),
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
  let databases = 0
  /** A database that nobody used before. */
  const newDatabase = async (port?: number): Promise<string> => {
    const { url } = await postgres()
    const name = `bench_${++databases}`
    const client = new pg.Client(url)
    await client.connect()
    await client.query(`CREATE DATABASE ${name}`)
    await client.end()
    const address = new URL(`/${name}`, url)
    if (port !== undefined) address.port = String(port)
    return address.href
  }
  const launchOurs = async (
    more: Pick<StartOursOptions, 'redisUrl' | 'databaseUrl' | 'workers' | 'nodeArgs' | 'secrets'>,
    core: number | string | undefined = cores.server,
  ) => startOurs({ ...more, nation: (await nation()).environment, algorithm, core })
  const ours = once(
    'sekisho serve',
    async () => launchOurs({ databaseUrl: await newDatabase(), redisUrl: (await redisOfOurs()).url }),
    stop,
  )
  const bare = once('the bare callback', async () => startBare(await ours(), cores.server), stop)
  const floor = once(
    'the raw floor',
    async () => startFloor(await stock(), { redisPort: (await redisOfStock()).port, core: cores.server }),
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
  const closing = (part: { close(): Promise<unknown> }): Promise<unknown> => part.close()
  const openTapped: Arena['tapped'] = async (lay) => {
    const redis = await keep(await startRedis(), closing)
    const otherRedis = await keep(await startRedis(), closing)
    const postgresPort = Number(new URL((await postgres()).url).port)
    const taps = {
      stock: await keep(await lay.redis(redis.port), closing),
      ours: await keep(await lay.redis(otherRedis.port), closing),
      postgres: await keep(await lay.postgres(postgresPort), closing),
    }
    const files = { jwksFile: await jwksFile(), algorithm, core: cores.server }
    const tappedStock = await keep(await startStock({ redisPort: taps.stock.port, ...files }), stop)
    const places = {
      databaseUrl: await newDatabase(taps.postgres.port),
      redisUrl: `redis://127.0.0.1:${taps.ours.port}`,
    }
    const tappedOurs = await keep(await launchOurs(places), stop)
    return {
      stock: { contestant: tappedStock, redis: taps.stock },
      ours: { contestant: tappedOurs, redis: taps.ours, postgres: taps.postgres },
    }
  }
  const openAnotherOurs = async ({
    redisUrl,
    databaseUrl,
    cores: elsewhere,
    ...more
  }: AnotherOurs = {}): Promise<OursContestant> => {
    const own = redisUrl === undefined ? await keep(await startRedis(), closing) : undefined
    const places = { databaseUrl: databaseUrl ?? (await newDatabase()), redisUrl: redisUrl ?? own?.url ?? '' }
    const launched = await keep(await launchOurs({ ...more, ...places }, elsewhere), stop)
    return {
      ...launched,
      // whoever measures several after one another does not leave the ones before running
      stop: async () => {
        await launched.stop()
        await own?.close()
      },
    }
  }
  let closed: Promise<void> | undefined
  const closeAll = async (): Promise<void> => {
    ending.abort()
    await Promise.race([Promise.allSettled(openings), pause(HALF_OPEN_MS, undefined, { ref: false })])
    for (const close of closers.splice(0).reverse()) await close()
  }
  return {
    cores,
    stock,
    ours,
    bare,
    firstDraft,
    floor,
    nation,
    cards,
    tapped: (lay) => track(openTapped(lay)),
    anotherOurs: (options) => track(openAnotherOurs(options)),
    anotherStock: () =>
      track(
        (async () => {
          const redisPort = (await redisOfStock()).port
          return keep(await startStock({ redisPort, jwksFile: await jwksFile(), algorithm, core: cores.server }), stop)
        })(),
      ),
    newDatabase,
    redisPorts: async () => ({ stock: (await redisOfStock()).port, ours: (await redisOfOurs()).port }),
    // a signal and the end of the run may both ask for it
    close: () => (closed ??= closeAll()),
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
