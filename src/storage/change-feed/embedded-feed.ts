import type pg from 'pg'
import { CHANNEL, parseChange, type Change, type ChangeFeed } from './change.ts'

/**
 * The embedded database is one session of one process: it listens (open-embedded-server.ts), and whichever connection of the pool
 * is open when a change commits is told of it, before the statement that made the change returns.
 */
export function createEmbeddedFeed(pool: pg.Pool): ChangeFeed {
  const listeners: ((change: Change) => void)[] = []
  const known = new WeakSet<pg.PoolClient>()
  const hear = ({ channel, payload = '' }: pg.Notification): void => {
    const change = channel === CHANNEL ? parseChange(payload) : undefined
    if (change !== undefined) for (const listener of listeners) listener(change)
  }
  const watch = (client: pg.PoolClient): void => {
    if (known.has(client)) return
    known.add(client)
    client.on('notification', hear)
  }
  pool.on('acquire', watch)
  return {
    isListening: () => true,
    onChange: (listener) => void listeners.push(listener),
    close: () => {
      pool.off('acquire', watch)
      return Promise.resolve()
    },
  }
}
