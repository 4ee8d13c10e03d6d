import { randomBytes } from 'node:crypto'
import type { Dispatcher } from 'undici'
import type { CardAccess } from '../card/with-card.ts'
import { createCeremonies } from '../ceremony/create-ceremonies.ts'
import { WATCH_TIMES } from '../ceremony/watch-ceremony.ts'
import { createAgentLog } from '../observability/agent-log.ts'
import type { PinDialogue } from '../pin/pin-entry.ts'
import { createProviderClient } from '../provider/create-provider-client.ts'
import type { Locale, Translate } from '../text/translate.ts'
import type { TrustList } from '../trust-list/trust-list.ts'
import { AGENT_NAME, AGENT_VERSION } from '../version.ts'
import type { SignInOptions } from './create-program.ts'
import { runSignIn } from './run-sign-in.ts'
import type { Terminal } from './terminal.ts'

/** `sekisho-agent sign-in`: a ceremony of its own, beside whatever `serve` may be doing; the card itself takes one at a time. */
export async function signInAction(
  deps: {
    access: CardAccess
    trustList: TrustList
    dispatcher: Dispatcher
    now: () => Date
    terminal: Terminal
    t: Translate
    locale: Locale
    signals: NodeJS.EventEmitter
    pinEntry: PinDialogue
  },
  options: SignInOptions,
): Promise<number> {
  const { access, trustList, dispatcher, now, signals } = deps
  const log = createAgentLog({ level: options.logLevel })
  const ceremonies = createCeremonies({
    trustList,
    provider: createProviderClient({ now, agent: { name: AGENT_NAME, version: AGENT_VERSION }, dispatcher }),
    now,
    log,
    randomToken: () => randomBytes(32).toString('base64url'),
    access: {
      ...access,
      trace: (exchange) => {
        log.debug({ ...exchange }, 'apdu')
      },
    },
  })
  const stopping = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    signals.once(signal, () => {
      stopping.abort()
    })
  }
  return runSignIn({ ...deps, ceremonies, watchTimes: WATCH_TIMES, signal: stopping.signal }, options)
}
