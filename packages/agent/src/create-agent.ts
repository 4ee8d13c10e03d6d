import { randomBytes } from 'node:crypto'
import type { RequestHandler } from 'express'
import { AGENT_PORT } from '@sekisho/protocol'
import type { CardReaders } from './card/card-readers.ts'
import { CARD_DEADLINES, type CardDeadlines } from './card/card-deadlines.ts'
import type { CardAccess } from './card/with-card.ts'
import { withDeadline } from './card/with-deadline.ts'
import { createCeremonies } from './ceremony/create-ceremonies.ts'
import { WATCH_TIMES, type WatchTimes } from './ceremony/watch-ceremony.ts'
import type { AgentLog } from './observability/agent-log.ts'
import type { PinEntry } from './pin/pin-entry.ts'
import { createProviderClient } from './provider/create-provider-client.ts'
import { createDispatcher } from './provider/request-json.ts'
import type { TrustList } from './trust-list/trust-list.ts'
import { checkPeerUser } from './web/check-peer-user.ts'
import { createAgentApp } from './web/create-agent-app.ts'
import { listenOnLoopback, type Listening } from './web/listen-on-loopback.ts'
import { AGENT_NAME, AGENT_VERSION } from './version.ts'

/** How long the end of the program waits for the end of a ceremony. */
const FAREWELL_MS = 3_000

export interface AgentOptions {
  readonly cards: CardReaders
  readonly trustList: TrustList
  readonly now: () => Date
  readonly log: AgentLog
  /** 24815 unless told otherwise; 0 for any free one. */
  readonly port?: number
  readonly version?: string
  readonly deadlines?: CardDeadlines
  /** How quickly an open page notices what changes at the readers. */
  readonly watchTimes?: WatchTimes
  /** Where the PIN is typed; on the page unless told otherwise. */
  readonly pinEntry?: PinEntry
  /** For the whole of one request to a provider. */
  readonly providerDeadlineMs?: number
  /** Who may connect; by default this user of the computer only, where the system tells. */
  readonly checkPeer?: RequestHandler
}

export interface Agent {
  /** @returns `http://127.0.0.1:PORT` @throws PortBusy */
  listen(): Promise<{ url: string }>
  /** Ends the open ceremony, tells its provider, and lets go of the port and the readers. */
  close(): Promise<void>
}

/** The agent: pages on loopback, one ceremony at a time, one card. */
export function createAgent(options: AgentOptions): Agent {
  const { cards, trustList, now, log, port = AGENT_PORT, version = AGENT_VERSION } = options
  const { deadlines = CARD_DEADLINES, watchTimes = WATCH_TIMES, pinEntry } = options
  const { providerDeadlineMs, checkPeer = checkPeerUser() } = options
  const dispatcher = createDispatcher(5_000)
  const access: CardAccess = {
    cards,
    deadlines,
    monotonicMs: () => performance.now(),
    trace: (exchange) => {
      log.debug({ ...exchange }, 'apdu')
    },
  }
  const provider = createProviderClient({
    now,
    dispatcher,
    agent: { name: AGENT_NAME, version },
    ...(providerDeadlineMs === undefined ? {} : { deadlineMs: providerDeadlineMs }),
  })
  const ceremonies = createCeremonies({
    trustList,
    provider,
    now,
    log,
    randomToken: () => randomBytes(32).toString('base64url'),
    access,
  })
  let listening: Listening | undefined
  let closed = false
  const app = createAgentApp({
    ceremonies,
    access,
    doctor: { access, trustList, dispatcher, now },
    log,
    version,
    checkPeer,
    pinEntry,
    watchTimes,
    port: () => listening?.port ?? port,
  })

  return {
    async listen() {
      listening = await listenOnLoopback(app, port)
      log.info({ port: listening.port }, 'listening')
      return { url: `http://127.0.0.1:${String(listening.port)}` }
    },
    async close() {
      if (closed) return
      closed = true
      // The person is going; the provider is told if that is quick.
      await withDeadline(ceremonies.close(), FAREWELL_MS, () => new Error('farewell')).catch(() => undefined)
      await listening?.close()
      await provider.close()
      await cards.close()
    },
  }
}
