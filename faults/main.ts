/**
 * `npm run faults [-- --seconds 4] [--only WORD]`: attacks 40 and 41 on real processes under load. Some minutes; status 1 when
 * anything that was acknowledged is lost, used twice, or granted in doubt. The history stays behind for whoever wants to look.
 */
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { FAULTS } from './fault-table.ts'
import { startFaultWorld } from './fault-world.ts'
import { createHistory } from './history.ts'
import { runFaults } from './run-faults.ts'

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '4' },
    only: { type: 'string', default: '' },
    help: { type: 'boolean', default: false },
  },
})
if (values.help) {
  console.log(`npm run faults [-- --seconds N] [--only WORD]
  --seconds  how long each fault lasts (4)
  --only     those whose name has this word:\n${FAULTS.map(({ name }) => `    ${name}`).join('\n')}`)
  process.exit(0)
}

const smallDisk = process.getuid?.() === 0
const wanted = FAULTS.filter(({ name }) => name.includes(values.only))
const faults = wanted.filter(({ needs }) => needs === undefined || smallDisk)
for (const { name } of wanted.filter((fault) => !faults.includes(fault))) {
  console.log(`LEFT OUT: ${name}: only root can give PostgreSQL a disk of its own`)
}
const directory = mkdtempSync(join(tmpdir(), 'sekisho-faults-'))
const file = join(directory, 'history.jsonl')
console.log(`${faults.length} faults; the history is ${file}`)
const world = await startFaultWorld({ smallDisk })
const history = createHistory(file)
try {
  const violations = await runFaults({
    world,
    faults,
    history,
    personas: ['taro', 'hanako', 'lost-and-reissued', 'one-try-left'],
    faultMs: Number(values.seconds) * 1000,
    onProgress: (line) => {
      console.log(line)
    },
  })
  const count = (op: string, told: string): number =>
    history.entries.filter((entry) => entry.op === op && 'told' in entry && entry.told === told).length
  for (const op of ['sign-in', 'redeem', 'refresh', 'revoke', 'answer', 'complete', 'link']) {
    console.log(
      `${op}: ${count(op, 'ok')} granted, ${count(op, 'refused')} refused, ${count(op, 'unknown')} without an answer`,
    )
  }
  for (const violation of violations) console.log(`VIOLATION: ${violation}`)
  console.log(
    violations.length === 0 ? 'nothing was lost, used twice or granted in doubt' : `${violations.length} violations`,
  )
  process.exitCode = violations.length === 0 ? 0 : 1
} finally {
  await world.close()
}
