import { AsyncLocalStorage } from 'node:async_hooks'
import { Server, type IncomingMessage } from 'node:http'
import { Redis } from 'ioredis'
import pg from 'pg'

/** What one HTTP request waited for, one after the other: commands that were under way together are one wait. */
export interface RequestWaits {
  /** `GET /auth`: the path without ids. */
  readonly name: string
  readonly redis: StoreWaits
  readonly postgres: StoreWaits
}

export interface StoreWaits {
  /** Length of the longest row of commands of which each was sent after the one before it had its answer. */
  readonly waits: number
  /** In the order in which they were sent, each with its place in such a row. */
  readonly commands: readonly string[]
}

interface Counting {
  waits: number
  readonly commands: string[]
}

type Asked = { readonly name: string } & Readonly<Record<'redis' | 'postgres', Counting>>

type Method = (this: object, ...args: unknown[]) => unknown

/**
 * Counts what the servers of this process wait for while `work` is done. It counts, and measures no time: the same on every machine.
 * Work of the servers that belongs to no request is not counted.
 */
export async function countWaits(work: () => Promise<unknown>): Promise<readonly RequestWaits[]> {
  const requests: Asked[] = []
  const current = new AsyncLocalStorage<Asked>()
  const begin = (store: 'redis' | 'postgres', name: string): (() => void) => {
    const asked = current.getStore()?.[store]
    if (asked === undefined) return () => undefined
    const place = asked.waits + 1
    asked.commands.push(`${place} ${name}`)
    return () => {
      asked.waits = Math.max(asked.waits, place)
    }
  }
  const undo = [
    replace(Server.prototype, 'emit', (emit) => {
      return function (event, ...args) {
        if (event !== 'request') return emit.call(this, event, ...args)
        const asked: Asked = {
          name: nameOf(args[0] as IncomingMessage),
          redis: { waits: 0, commands: [] },
          postgres: { waits: 0, commands: [] },
        }
        requests.push(asked)
        return current.run(asked, () => emit.call(this, event, ...args))
      }
    }),
    replace(Redis.prototype, 'sendCommand', (send) => {
      return function (command, ...rest) {
        const { name, args } = command as { readonly name: string; readonly args: readonly unknown[] }
        const answered = begin('redis', `${name} ${args.map(String).join(' ').slice(0, 160)}`)
        const reply = send.call(this, command, ...rest) as Promise<unknown>
        reply.then(answered, answered)
        return reply
      }
    }),
    replace(pg.Client.prototype, 'query', (query) => {
      return function (...args) {
        const [first] = args
        const text = typeof first === 'string' ? first : (first as { readonly text?: string }).text
        const answered = begin('postgres', (text ?? '').replace(/\s+/g, ' ').trim().slice(0, 80))
        const last = args.at(-1)
        if (typeof last === 'function') {
          return query.call(this, ...args.slice(0, -1), (...told: unknown[]) => {
            answered()
            ;(last as (...told: unknown[]) => void)(...told)
          })
        }
        const reply = query.call(this, ...args) as Promise<unknown>
        reply.then(answered, answered)
        return reply
      }
    }),
  ]
  try {
    await work()
  } finally {
    for (const putBack of undo) putBack()
  }
  return requests
}

function replace(prototype: object, name: string, make: (original: Method) => Method): () => void {
  const holder = prototype as Record<string, Method>
  const own = Object.getOwnPropertyDescriptor(prototype, name)
  const original = holder[name]
  if (original === undefined) throw new Error(`no method ${name}`)
  holder[name] = make(original)
  return () => {
    if (own === undefined) Reflect.deleteProperty(holder, name)
    else Object.defineProperty(holder, name, own)
  }
}

/** Ids are long. */
function nameOf({ method = '', url = '' }: IncomingMessage): string {
  const [path = ''] = url.split('?')
  return `${method} ${path.replace(/[\w-]{20,}/g, ':id')}`
}
