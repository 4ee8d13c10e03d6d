import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fileURLToPath } from 'node:url'
import { API, createOperatedWorld, type Clients, type OperatedWorld } from '../support/operated-world.ts'
import { pollUntil } from '../support/poll-until.ts'
import { createPostgresDatabase, type PostgresDatabase } from '../support/postgres.ts'
import { extractRelease } from '../support/released-tree.ts'
import { sekishoAt, type ServedSekisho } from '../support/sekisho-at.ts'
import { readReleases } from '../../src/storage/schema/read-migrations.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
/** Rounds of every worker in each phase: two refreshes, one userinfo, one introspection each. */
const ROUNDS = Number(process.env['SEKISHO_UPGRADE_ROUNDS'] ?? '5')

let postgres: PostgresDatabase
let world: OperatedWorld
let release: ReturnType<typeof extractRelease>
const running = new Set<ServedSekisho>()

beforeAll(async () => {
  const before = (await readReleases(`${ROOT}migrations`)).at(-1)
  release = extractRelease(before?.commit ?? '')
  postgres = await createPostgresDatabase()
  world = await createOperatedWorld()
})
afterAll(async () => {
  await Promise.all([...running].map((server) => server.stop()))
  await world.close()
  await postgres.drop()
  await release.remove()
})

/** A client that never stops: what it holds must go on, whichever release it meets. */
function startWorker(clients: Clients, tokens: { plain: Tokens; api: Tokens }) {
  const failures: string[] = []
  let rounds = 0
  const stopping = new AbortController()
  const refresh = async (held: Tokens): Promise<Tokens> => {
    const answer = await clients.refresh(held.refresh)
    if (answer.status !== 200) failures.push(`refresh: ${answer.status} ${answer.text}`)
    return answer.status === 200 ? tokensOf(answer.body) : held
  }
  const work = (async () => {
    let { plain, api } = tokens
    while (!stopping.signal.aborted && failures.length === 0) {
      plain = await refresh(plain)
      const status = await clients.userinfo(plain.access)
      if (status !== 200) failures.push(`userinfo: ${status}`)
      api = await refresh(api)
      const { status: introspected, body } = await clients.introspect(api.access)
      if (introspected !== 200 || body['active'] !== true)
        failures.push(`introspection: ${introspected} ${JSON.stringify(body)}`)
      rounds++
    }
  })()
  return {
    failures,
    rounds: () => rounds,
    stop: async () => {
      stopping.abort()
      await work
    },
  }
}

interface Tokens {
  readonly access: string
  readonly refresh: string
}

const tokensOf = (body: Record<string, unknown>): Tokens => ({
  access: String(body['access_token']),
  refresh: String(body['refresh_token']),
})

describe('attack 43: this release and the one before on one database, under load', () => {
  test('before, both, this one, both, before again: no refresh, userinfo or introspection fails', async () => {
    const [before, now] = [sekishoAt(release.tree), sekishoAt(ROOT)]
    const environment = { ...world.environment, DATABASE_URL: postgres.databaseUrl }
    const started: ServedSekisho[] = []
    const start = async (which: typeof now): Promise<ServedSekisho> => {
      const server = await which.serve(environment)
      running.add(server)
      started.push(server)
      return server
    }
    const stop = async (server: ServedSekisho): Promise<void> => {
      await server.stop()
      running.delete(server)
    }

    const old = await start(before)
    world.balancer.use(old.url)
    const clients = await world.registerClients(before, environment)
    const signIn = async (persona: string) => {
      const person = world.person(persona)
      const plain = await clients.redeem(await clients.authorize(person))
      const api = await clients.redeem(
        await clients.authorize(person, { resource: API, scope: 'openid offline_access read' }),
      )
      return { plain: tokensOf(plain.body), api: tokensOf(api.body) }
    }
    const workers = [startWorker(clients, await signIn('taro')), startWorker(clients, await signIn('hanako'))]
    const failures = (): string[] => workers.flatMap((worker) => worker.failures)
    const goOn = async (): Promise<void> => {
      const goals = workers.map((worker) => worker.rounds() + ROUNDS)
      await pollUntil(() => failures().length > 0 || workers.every((worker, i) => worker.rounds() >= (goals[i] ?? 0)), {
        deadlineMs: 60_000,
        complaint: 'the clients stand still',
      })
    }

    await goOn()
    // migrates while the one before serves
    const fresh = await start(now)
    world.balancer.use(old.url, fresh.url)
    await goOn()
    // consent is new in this release: a page that the one before does not have. So the site is marked as one's own (CHANGELOG.md)
    expect(await now.run(environment, ['client', 'update', 'site', '--first-party'])).toMatchObject({
      status: 0,
      stderr: '',
    })
    // one sign-in over both
    workers.push(startWorker(clients, await signIn('lost-and-reissued')))
    await goOn()
    world.balancer.use(fresh.url)
    await stop(old)
    await goOn()
    // back again, on the new schema
    const again = await start(before)
    world.balancer.use(fresh.url, again.url)
    await goOn()
    world.balancer.use(again.url)
    await stop(fresh)
    await goOn()
    workers.push(startWorker(clients, await signIn('taro')))
    await goOn()

    await Promise.all(workers.map((worker) => worker.stop()))
    expect(failures(), started.map((server) => server.output()).join('\n')).toEqual([])
    expect(workers.reduce((sum, worker) => sum + worker.rounds(), 0)).toBeGreaterThanOrEqual(ROUNDS * 12)
    const status = await now.run(environment, ['migrate', 'status', '--json'])
    expect(status.status).toBe(0)
    expect(JSON.parse(status.stdout)).toMatchObject({ pending: [], unknown: [] })
  }, 120_000)
})
