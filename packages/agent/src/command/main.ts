import { createPcscReaders } from '../card/pcsc/create-pcsc-readers.ts'
import { CARD_DEADLINES } from '../card/card-deadlines.ts'
import { describeSystem } from '../doctor/write-report.ts'
import { keepOutOfCoreDumps } from '../pin/keep-out-of-core-dumps.ts'
import type { PinDialogue } from '../pin/pin-entry.ts'
import { createPinentry } from '../pin/pinentry/create-pinentry.ts'
import { createTerminalPinEntry } from '../pin/terminal-pin-entry.ts'
import { createDispatcher } from '../provider/request-json.ts'
import { translator } from '../text/translate.ts'
import { openTrustListFile } from '../trust-list/open-trust-list-file.ts'
import { trustFilePath } from '../trust-list/trust-file-path.ts'
import { chooseLocale } from './choose-locale.ts'
import { createProgram, type PinentryOption } from './create-program.ts'
import { endForSure } from './end-for-sure.ts'
import { findTtyName } from './find-tty-name.ts'
import { launchActions } from './launch-actions.ts'
import { runCard } from './run-card.ts'
import { runDoctor } from './run-doctor.ts'
import { runServe } from './run-serve.ts'
import { runTrustAdd, runTrustList, runTrustRemove } from './run-trust.ts'
import { signInAction } from './sign-in-action.ts'
import { createTerminal } from './terminal.ts'

const now = () => new Date()
const locale = chooseLocale(process.env)
const t = translator(locale)
const terminal = createTerminal(process)
const cards = createPcscReaders()
const dispatcher = createDispatcher(5_000)
const trustList = openTrustListFile({ path: trustFilePath(process.env, process.platform), now })
const trust = { trustList, terminal, t, dispatcher }
const access = { cards, deadlines: CARD_DEADLINES, monotonicMs: () => performance.now() }
const terminalPinEntry = createTerminalPinEntry({
  input: process.stdin,
  write: (text) => process.stderr.write(text),
  askLine: (question, signal) => terminal.ask(question, signal),
})

function pinentryOf({ pinentryProgram: program }: PinentryOption): PinDialogue {
  const ttyName = findTtyName(process.env, process.stdin.isTTY)
  return createPinentry({ program, ttyName, environment: process.env })
}

const program = createProgram(
  {
    serve: (options) => {
      keepOutOfCoreDumps()
      const pinEntry = options.pinEntry === 'pinentry' ? pinentryOf(options) : undefined
      return runServe({ cards, trustList, now, terminal, t, signals: process, pinEntry }, options)
    },
    signIn: (options) => {
      keepOutOfCoreDumps()
      const pinEntry = options.pinEntry === 'pinentry' ? pinentryOf(options) : terminalPinEntry
      const deps = { access, trustList, dispatcher, now, terminal, t, locale, signals: process, pinEntry }
      return signInAction(deps, options)
    },
    card: () => runCard({ access, terminal, t }),
    trustAdd: (issuer, options) => runTrustAdd(trust, issuer, options),
    trustList: () => runTrustList(trust),
    trustRemove: (name) => runTrustRemove(trust, name),
    doctor: () => runDoctor({ access, trustList, dispatcher, now, terminal, t, system: describeSystem(process) }),
    ...launchActions({ process, terminal, t }),
  },
  t,
  (status) => {
    process.exitCode = status
  },
)

/** A function, not awaited at the top level: the single executable holds a CommonJS module, which knows no such thing. */
async function run(): Promise<void> {
  try {
    await program.parseAsync()
  } finally {
    endForSure(process)
    await cards.close()
    await dispatcher.close()
  }
}

void run()
