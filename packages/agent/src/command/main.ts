import { createPcscReaders } from '../card/pcsc/create-pcsc-readers.ts'
import { CARD_DEADLINES } from '../card/card-deadlines.ts'
import { createDispatcher } from '../provider/request-json.ts'
import { describeSystem } from '../doctor/write-report.ts'
import { translator } from '../text/translate.ts'
import { openTrustListFile } from '../trust-list/open-trust-list-file.ts'
import { trustFilePath } from '../trust-list/trust-file-path.ts'
import { chooseLocale } from './choose-locale.ts'
import { createProgram } from './create-program.ts'
import { runDoctor } from './run-doctor.ts'
import { runServe } from './run-serve.ts'
import { runTrustAdd, runTrustList, runTrustRemove } from './run-trust.ts'
import { createTerminal } from './terminal.ts'

const now = () => new Date()
const t = translator(chooseLocale(process.env))
const terminal = createTerminal(process)
const cards = createPcscReaders()
const dispatcher = createDispatcher(5_000)
const trustList = openTrustListFile({ path: trustFilePath(process.env, process.platform), now })
const trust = { trustList, terminal, t, dispatcher }
const access = { cards, deadlines: CARD_DEADLINES, monotonicMs: () => performance.now() }

const program = createProgram(
  {
    serve: (options) => runServe({ cards, trustList, now, terminal, t, signals: process }, options),
    trustAdd: (issuer, options) => runTrustAdd(trust, issuer, options),
    trustList: () => runTrustList(trust),
    trustRemove: (name) => runTrustRemove(trust, name),
    doctor: () => runDoctor({ access, trustList, dispatcher, now, terminal, t, system: describeSystem(process) }),
  },
  t,
  (status) => {
    process.exitCode = status
  },
)

try {
  await program.parseAsync()
} finally {
  await cards.close()
  await dispatcher.close()
}
