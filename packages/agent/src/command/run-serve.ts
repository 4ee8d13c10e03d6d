import { once } from 'node:events'
import type { CardReaders } from '../card/card-readers.ts'
import { createAgent } from '../create-agent.ts'
import { createAgentLog } from '../observability/agent-log.ts'
import type { Translate } from '../text/translate.ts'
import { TrustListFault, type TrustList } from '../trust-list/trust-list.ts'
import { PortBusy } from '../web/listen-on-loopback.ts'
import type { PinEntry } from '../pin/pin-entry.ts'
import type { ServeOptions } from './create-program.ts'
import type { Terminal } from './terminal.ts'

/** Runs the agent until a signal ends it. */
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
    if (error instanceof PortBusy) terminal.complain(t('cli.serve.port-busy', { port: error.port }))
    else if (error instanceof TrustListFault) terminal.complain(t(`cli.fault.${error.code}`, { detail: error.message }))
    else throw error
    return 1
  } finally {
    await agent.close()
  }
}
