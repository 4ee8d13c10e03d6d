import { createHash } from 'node:crypto'
import { Redis } from 'ioredis'
import { SCRIPTS } from '../../src/storage/redis/scripts.ts'
import { pollUntil } from './poll-until.ts'

const NAMES = new Map(
  Object.entries(SCRIPTS).map(([name, { lua }]) => [createHash('sha1').update(lua).digest('hex'), name]),
)

export interface RedisMonitor {
  /** The commands that a client sent while `work` was done, scripts by their names, in order. */
  during(work: () => Promise<unknown>): Promise<readonly string[]>
  close(): void
}

/** Looks over the shoulder of a single Redis (MONITOR). */
export async function monitorRedis(port: number): Promise<RedisMonitor> {
  const seen: string[] = []
  const marker = new Redis(port, '127.0.0.1')
  const listener = await marker.monitor()
  listener.on('monitor', (_time: string, args: readonly string[], source: string) => {
    // what a script does inside is no command of ours
    if (source !== 'lua') seen.push(nameOf(args))
  })
  return {
    async during(work) {
      const mark = async (): Promise<string[]> => {
        await marker.echo('so far')
        const end = await pollUntil(() => seen.includes('echo') && seen.indexOf('echo') + 1)
        return seen.splice(0, end)
      }
      await mark()
      await work()
      const told = await mark()
      // a process looks every few seconds which Redis this is
      return told.filter((name) => !['echo', 'info', 'hello', 'client', 'ping'].includes(name))
    },
    close: () => {
      listener.disconnect()
      marker.disconnect()
    },
  }
}

function nameOf([command = '', sha = '']: readonly string[]): string {
  if (!/^eval(sha)?$/i.test(command)) return command.toLowerCase()
  return NAMES.get(sha) ?? (/^[0-9a-f]{40}$/.test(sha) ? 'rate limit' : 'a script in full')
}
