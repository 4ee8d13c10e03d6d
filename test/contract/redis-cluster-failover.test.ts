import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Refusal } from '../../src/error-registry/refusal.ts'
import { openRedis, type OpenedRedis } from '../../src/storage/redis/open-redis.ts'
import { createMigratedDatabase, DATABASES, type TestDatabase } from '../support/databases.ts'
import { locationOf, ROUTES } from '../support/places.ts'
import { pollUntil } from '../support/poll-until.ts'
import { startRedisCluster, type TestRedisCluster } from '../support/redis-cluster.ts'

/** Attack 41: one master of a Cluster is gone under load, and a replica that has not heard everything takes its place. */
const GRANTS = 60
const newId = (): string => randomBytes(32).toString('base64url')

let made: TestDatabase
let cluster: TestRedisCluster
const processes: OpenedRedis[] = []
const superseded: number[] = []

beforeAll(async () => {
  ;[made, cluster] = await Promise.all([
    createMigratedDatabase(DATABASES[0].createDatabase),
    startRedisCluster({ replica: true }),
  ])
  for (let count = 0; count < 2; count++) {
    processes.push(
      await openRedis({
        location: locationOf(cluster.url),
        database: made.database,
        routes: ROUTES,
        now: () => new Date(),
        onSuperseded: (servers) => superseded.push(servers),
        lookMs: 200,
      }),
    )
  }
})
afterAll(async () => {
  for (const one of processes) await one.close()
  for (const server of cluster.servers) {
    try {
      process.kill(server.pid, 'SIGCONT')
    } catch {
      // it is gone
    }
  }
  await cluster.close()
  await made.remove()
})

interface Granted {
  readonly grant: string
  readonly code: string
  readonly access: string
}

async function grantAt({ artifacts }: OpenedRedis): Promise<Granted> {
  const grant = newId()
  const made = { grant, code: `${ROUTES.ofGroup(grant)}${newId()}`, access: `skat_${ROUTES.ofGroup(grant)}${newId()}` }
  await artifacts.upsert('Grant', grant, { jti: grant, accountId: 'a', clientId: 'shop' }, 3600)
  await artifacts.upsert('AuthorizationCode', made.code, { jti: made.code, grantId: grant }, 600)
  await artifacts.upsert('AccessToken', made.access, { jti: made.access, grantId: grant }, 600)
  return made
}

test('nothing is used twice, what was revoked stays so, doubt refuses, and all goes on by itself', async () => {
  const [first, other] = processes
  const [master, , , replica] = cluster.servers
  if (first === undefined || other === undefined || master === undefined || replica === undefined) throw new Error('?')
  const granted: Granted[] = []
  for (let count = 0; count < GRANTS; count++) granted.push(await grantAt(first))
  const used = new Map<string, number>()
  const faults: unknown[] = []
  const use = async (by: OpenedRedis, code: string): Promise<void> => {
    try {
      if (await by.artifacts.consume('AuthorizationCode', code)) used.set(code, (used.get(code) ?? 0) + 1)
    } catch (fault) {
      faults.push(fault)
    }
  }

  // from here on the replica hears nothing: used codes are fresh there, revoked tokens good
  process.kill(replica.pid, 'SIGSTOP')
  for (const [index, { code, grant }] of granted.entries()) {
    if (index % 2 === 0) await use(first, code)
    else await first.artifacts.destroy('Grant', grant)
  }
  const usedBefore = used.size
  expect(usedBefore).toBe(GRANTS / 2)

  // load of both processes, through the failover
  let isOver = false
  const load = processes.map(async (by) => {
    while (!isOver) await Promise.all(granted.map(({ code }) => use(by, code)))
  })
  process.kill(master.pid, 'SIGKILL')
  process.kill(replica.pid, 'SIGCONT')
  const worksEverywhere = async (): Promise<boolean> => {
    // where those of before lie, and so on every master
    const asked = processes.flatMap(({ artifacts }) =>
      granted.map(({ access }) => artifacts.find('AccessToken', access)),
    )
    const answers = await Promise.allSettled([...asked, ...processes.map((one) => grantAt(one))])
    return answers.every(({ status }) => status === 'fulfilled')
  }
  await pollUntil(worksEverywhere, { deadlineMs: 45_000, intervalMs: 200, complaint: 'the cluster is not used again' })
  isOver = true
  await Promise.all(load)

  expect(used.size).toBe(usedBefore)
  expect([...used.values()].every((times) => times === 1)).toBe(true)
  for (const [index, { access }] of granted.entries()) {
    // of the odd ones the grant was ended; of the others a code that is used twice ends it in the layer above
    if (index % 2 === 1) expect(await other.artifacts.find('AccessToken', access)).toBeUndefined()
  }
  // the run has met the failover: one history was superseded, by one of the two; and whoever asked meanwhile was refused
  expect(superseded).toEqual([1])
  expect(faults.length).toBeGreaterThan(0)
  expect(faults.every((fault) => fault instanceof Refusal && fault.code === 'SERVER_STORAGE_UNAVAILABLE')).toBe(true)
})
