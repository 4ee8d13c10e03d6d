import { once } from 'node:events'

import { jpkiCommand } from './jpki-command.ts'

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

await jpkiCommand({
  say: (line) => process.stdout.write(`${line}\n`),
  complain: (line) => process.stderr.write(`${line}\n`),
  finish: (status) => {
    process.exitCode = status
  },
  now: () => new Date(),
  stopped: () => Promise.race(signals.map((signal) => once(process, signal))),
}).parseAsync()
