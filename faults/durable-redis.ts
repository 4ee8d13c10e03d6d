import { copyFileSync, existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { freePort } from '../test/support/free-port.ts'
import { startRedis, type TestRedis } from '../test/support/redis.ts'
import { createTempDirectory } from '../test/support/temp-directory.ts'

/** A Redis that writes down what it holds, as docs/operations.md says, and that things are done to. */
export interface DurableRedis {
  readonly port: number
  kill(): Promise<void>
  start(): Promise<void>
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void
  flush(): Promise<void>
  /** Notes down what it holds now. */
  remember(): Promise<void>
  /** Killed, and started with what was noted down: as a replica that lagged behind, or a backup. */
  goBack(): Promise<void>
  remove(): Promise<void>
}

export async function startDurableRedis(): Promise<DurableRedis> {
  const directory = createTempDirectory('faults-redis')
  const place = { port: await freePort(), directory: directory.path }
  const file = (name: string): string => join(directory.path, name)
  const launch = (): Promise<TestRedis> => startRedis(['--save', '3600 1'], place)
  let server = await launch()
  const ask = async (...command: [string, ...string[]]): Promise<void> => {
    const client = new Redis(place.port, '127.0.0.1')
    try {
      await client.call(...command)
    } finally {
      client.disconnect()
    }
  }
  return {
    port: place.port,
    kill: () => server.close(),
    start: async () => {
      server = await launch()
    },
    signal: (signal) => {
      process.kill(server.pid, signal)
    },
    flush: () => ask('FLUSHALL'),
    remember: async () => {
      await ask('SAVE')
      copyFileSync(file('dump.rdb'), file('remembered.rdb'))
    },
    goBack: async () => {
      await server.close()
      rmSync(file('dump.rdb'), { force: true })
      if (existsSync(file('remembered.rdb'))) copyFileSync(file('remembered.rdb'), file('dump.rdb'))
      server = await launch()
    },
    remove: async () => {
      await server.close()
      await directory.remove()
    },
  }
}
