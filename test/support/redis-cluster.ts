import { Redis } from 'ioredis'
import { freePorts } from './free-port.ts'
import { pollUntil } from './poll-until.ts'
import { startRedis, type TestRedis } from './redis.ts'

const SLOTS = 16_384
const MASTERS = 3
const PORT_RACES = 5

export interface TestRedisCluster extends AsyncDisposable {
  /** `redis+cluster://127.0.0.1:a,127.0.0.1:b,127.0.0.1:c` */
  readonly url: string
  readonly servers: readonly TestRedis[]
  close(): Promise<void>
}

/** A failover within seconds, and of a replica that has not heard everything too. */
const WITH_REPLICA = ['--cluster-node-timeout', '1500', '--cluster-replica-validity-factor', '0']

/** Three private masters that share the slots; with `replica`, a fourth server that takes the place of the first when it is gone. */
export async function startRedisCluster(options: { readonly replica?: boolean } = {}): Promise<TestRedisCluster> {
  const settings = options.replica === true ? [...WITH_REPLICA, '--repl-diskless-sync-delay', '0'] : []
  const members = MASTERS + (options.replica === true ? 1 : 0)
  const servers = await Promise.all(Array.from({ length: members }, () => startMember(settings)))
  const clients = servers.map(({ port }) => new Redis(port, '127.0.0.1'))
  const close = async (): Promise<void> => {
    await Promise.all(servers.map((server) => server.close()))
  }
  try {
    const share = Math.ceil(SLOTS / MASTERS)
    for (const [index, client] of clients.entries()) {
      if (index < MASTERS)
        await client.call('CLUSTER', 'ADDSLOTSRANGE', index * share, Math.min((index + 1) * share, SLOTS) - 1)
      for (const { port, busPort } of servers) await client.call('CLUSTER', 'MEET', '127.0.0.1', port, busPort)
    }
    await pollUntil(
      async () => {
        const states = await Promise.all(clients.map((client) => client.call('CLUSTER', 'INFO')))
        return states.every(
          (state) =>
            String(state).includes('cluster_state:ok') && String(state).includes(`cluster_known_nodes:${members}`),
        )
      },
      { deadlineMs: 30_000, complaint: 'the cluster did not come together' },
    )
    const [first, replica] = [clients[0], clients[MASTERS]]
    if (first !== undefined && replica !== undefined) {
      await replica.call('CLUSTER', 'REPLICATE', String(await first.call('CLUSTER', 'MYID')))
      await pollUntil(async () => (await replica.info('replication')).includes('master_link_status:up'), {
        deadlineMs: 30_000,
        complaint: 'the replica did not follow',
      })
    }
  } catch (fault) {
    await close()
    throw fault
  } finally {
    for (const client of clients) client.disconnect()
  }
  return {
    url: `redis+cluster://${servers.map(({ port }) => `127.0.0.1:${port}`).join(',')}`,
    servers,
    close,
    [Symbol.asyncDispose]: close,
  }
}

async function startMember(settings: readonly string[]): Promise<TestRedis & { readonly busPort: number }> {
  for (let attempt = 1; ; attempt++) {
    const [busPort = 0] = await freePorts(1)
    try {
      const server = await startRedis(['--cluster-enabled', 'yes', '--cluster-port', String(busPort), ...settings])
      return Object.assign(server, { busPort })
    } catch (fault) {
      // somebody else took the bus port
      if (attempt === PORT_RACES) throw fault
    }
  }
}
