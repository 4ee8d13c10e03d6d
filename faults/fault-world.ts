import { fileURLToPath } from 'node:url'
import { freePorts } from '../test/support/free-port.ts'
import { createOperatedWorld, type Clients, type OperatedWorld } from '../test/support/operated-world.ts'
import { startSekisho, type Environment, type SekishoProcess } from '../test/support/run-sekisho.ts'
import { sekishoAt } from '../test/support/sekisho-at.ts'
import { layCable, type Cable } from './cable.ts'
import { startDurablePostgres, type DurablePostgres } from './durable-postgres.ts'
import { startDurableRedis, type DurableRedis } from './durable-redis.ts'

/** Two instances of Sekisho behind a balancer, with PostgreSQL and Redis at the end of cables. */
export interface FaultWorld {
  readonly operated: OperatedWorld
  readonly clients: Clients
  readonly postgres: DurablePostgres
  readonly redis: DurableRedis
  readonly cables: { readonly postgres: Cable; readonly redis: Cable }
  /** Of commands that are to reach the database whatever its cable does. */
  readonly environment: Environment
  instance(which: number): SekishoProcess
  readonly instances: number
  /** SIGKILL, and started again on the same port; what a supervisor does. */
  killInstance(which: number): Promise<void>
  restartInstance(which: number): Promise<void>
  close(): Promise<void>
}

const ROOT = fileURLToPath(new URL('../', import.meta.url))
const INSTANCES = 2

export async function startFaultWorld(options: { readonly smallDisk: boolean }): Promise<FaultWorld> {
  const [postgres, redis] = await Promise.all([startDurablePostgres(options), startDurableRedis()])
  const cables = { postgres: await layCable(postgres.port), redis: await layCable(redis.port) }
  const operated = await createOperatedWorld()
  const environment = { ...operated.environment, DATABASE_URL: postgres.url }
  const ports = await freePorts(INSTANCES)
  const launch = async (port: number): Promise<SekishoProcess> => {
    const server = startSekisho({
      ...environment,
      PORT: String(port),
      DATABASE_URL: `postgres://postgres@127.0.0.1:${cables.postgres.port}/postgres`,
      REDIS_URL: `redis://127.0.0.1:${cables.redis.port}`,
    })
    await server.ready()
    return server
  }
  const servers: SekishoProcess[] = []
  for (const port of ports) servers.push(await launch(port))
  operated.balancer.use(...servers.map(({ url }) => url))
  const at = (which: number): SekishoProcess => {
    const server = servers[which]
    if (server === undefined) throw new Error(`no instance ${which}`)
    return server
  }
  return {
    operated,
    clients: await operated.registerClients(sekishoAt(ROOT), environment),
    postgres,
    redis,
    cables,
    environment,
    instance: at,
    instances: INSTANCES,
    killInstance: async (which) => {
      at(which).kill('SIGKILL')
      await at(which).ended
    },
    restartInstance: async (which) => {
      servers[which] = await launch(ports[which] ?? 0)
    },
    close: async () => {
      for (const server of servers) server.kill('SIGKILL')
      await Promise.all(servers.map(({ ended }) => ended))
      await Promise.all([cables.postgres.close(), cables.redis.close()])
      await Promise.all([postgres.remove(), redis.remove()])
      await operated.close()
    },
  }
}
