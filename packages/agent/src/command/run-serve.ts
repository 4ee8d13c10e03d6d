import { once } from 'node:events'
import type { CardReaders } from '../card/card-readers.ts'
import { createAgent } from '../create-agent.ts'
import { createAgentLog } from '../observability/agent-log.ts'
import { findPortHolder } from '../launch/who-holds-port.ts'
import type { Translate } from '../text/translate.ts'
import { TrustListFault, type TrustList } from '../trust-list/trust-list.ts'
import { PortBusy } from '../web/listen-on-loopback.ts'
import type { PinEntry } from '../pin/pin-entry.ts'
import type { ServeOptions } from './create-program.ts'
import { describeStranger, PORT_TAKEN_STATUS } from './describe-stranger.ts'
import type { Terminal } from './terminal.ts'

/** Runs the agent until a signal ends it. One a user: where it runs already, that is said, and all is well. */
export async function runServe(
  deps: {
    cards: CardReaders
    trustList: TrustList
    now: () => Date
    terminal: Terminal
    t: Translate
    signals: NodeJS.EventEmitter
    /** Where the PIN is typed; on the page if undefined. */
    pinEntry: PinEntry | undefined
  },
  { port, logLevel }: ServeOptions,
): Promise<number> {
  const { cards, trustList, now, terminal, t, signals, pinEntry } = deps
  const log = createAgentLog({ level: logLevel })
  const agent = createAgent({ cards, trustList, now, port, log, ...(pinEntry && { pinEntry }) })
  try {
    const providers = await trustList.list()
    const ending = Promise.race(['SIGINT', 'SIGTERM', 'SIGHUP'].map((signal) => once(signals, signal)))
    const { url } = await agent.listen()
    terminal.say(t('cli.serve.listening', { url }))
    if (providers.length === 0) terminal.say(t('cli.serve.nobody-trusted'))
    await ending
    return 0
  } catch (error) {
    if (error instanceof PortBusy) return await explainBusyPort(deps, error.port)
    if (error instanceof TrustListFault) terminal.complain(t(`cli.fault.${error.code}`, { detail: error.message }))
    else throw error
    return 1
  } finally {
    await agent.close()
  }
}

async function explainBusyPort({ terminal, t }: { terminal: Terminal; t: Translate }, port: number): Promise<number> {
  const holder = await findPortHolder(port)
  if (holder.who === 'agent') {
    terminal.say(t('cli.serve.already', { url: holder.url }))
    return 0
  }
  terminal.complain(describeStranger(t, port, holder.who === 'nobody' ? { who: 'stranger' } : holder))
  return PORT_TAKEN_STATUS
}
