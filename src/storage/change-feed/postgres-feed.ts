import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { LISTENING_NAME } from '../count-servers.ts'
import { CHANNEL, parseChange, type Change, type ChangeFeed, type ChangeFeedOptions } from './change.ts'

const HEARTBEAT_MS = 5000
const RETRY_MS = 1000
const CONNECT_TIMEOUT_MS = 10_000

/** Pings itself through the channel; no change of ours begins so. */
const PING = 'ping '

/**
 * LISTEN on a connection of its own, made again whenever it breaks. A connection may also be dead without a word, or be a pooler's
 * that forgets what was listened for (PgBouncer by transaction): so it counts as listening only while its own notices come back.
 */
export function createPostgresFeed(
  pool: pg.Pool,
  { onFault, heartbeatMs = HEARTBEAT_MS, retryMs = RETRY_MS }: ChangeFeedOptions,
): ChangeFeed {
  const listeners: ((change: Change) => void)[] = []
  const tell = (change: Change): void => {
    for (const listener of listeners) listener(change)
  }
  const stop = new AbortController()
  let listening = false
  let failing = false

  const lose = (fault: unknown): void => {
    // once, not every second while a server is away
    if (!failing && !stop.signal.aborted) onFault?.(fault)
    failing = true
    if (!listening) return
    listening = false
    tell({ kind: 'unknown' })
  }

  async function listenOnce(): Promise<void> {
    const client = new pg.Client({
      ...connectionOf(pool),
      application_name: LISTENING_NAME,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      query_timeout: heartbeatMs,
      keepAlive: true,
    })
    const broken = Promise.withResolvers<never>()
    broken.promise.catch(() => undefined)
    client.on('error', broken.reject)
    client.on('end', () => {
      broken.reject(new Error('the connection ended'))
    })
    stop.signal.addEventListener('abort', broken.reject, { once: true })
    let heard: string | undefined
    client.on('notification', ({ payload = '' }) => {
      if (payload.startsWith(PING)) heard = payload
      const change = parseChange(payload)
      if (change !== undefined) tell(change)
    })
    try {
      await Promise.race([client.connect(), broken.promise])
      await Promise.race([client.query(`LISTEN ${CHANNEL}`), broken.promise])
      for (;;) {
        const ping = `${PING}${randomUUID()}`
        await Promise.race([client.query('SELECT pg_notify($1, $2)', [CHANNEL, ping]), broken.promise])
        // PostgreSQL tells the session itself before it is ready for the next statement
        await Promise.race([client.query('SELECT 1'), broken.promise])
        if (heard !== ping) throw new Error('notices do not arrive: is there a pooler in between?')
        if (!listening) {
          listening = true
          failing = false
          tell({ kind: 'unknown' })
        }
        await Promise.race([pause(heartbeatMs), broken.promise])
      }
    } finally {
      stop.signal.removeEventListener('abort', broken.reject)
      // a connection that is gone without a word does not say goodbye either
      client.end().catch(() => undefined)
    }
  }

  const running = (async () => {
    while (!stop.signal.aborted) {
      await listenOnce().catch(lose)
      await pause(retryMs, stop.signal)
    }
  })()

  return {
    isListening: () => listening,
    onChange: (listener) => void listeners.push(listener),
    close: async () => {
      stop.abort()
      await running
    },
  }
}

/** The same server, user and TLS as the pool's. */
function connectionOf({ options }: pg.Pool): pg.ClientConfig {
  const { connectionString } = options
  return connectionString === undefined ? {} : { connectionString }
}

function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, signal?.aborted === true ? 0 : ms)
    timer.unref()
    signal?.addEventListener(
      'abort',
      () => {
        clearTimeout(timer)
        resolve()
      },
      { once: true },
    )
  })
}
