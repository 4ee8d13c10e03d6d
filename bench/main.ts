/**
 * `npm run bench`: Sekisho beside stock oidc-provider, in one run on one machine. They print ratios within the run: absolute figures of
 * one machine say nothing about another (performance.md).
 */
import { parseArgs } from 'node:util'
import { runBench } from './run-bench.ts'
import { STANDARD, PARTS, type PartName } from './parts.ts'

const { values, positionals } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    algorithm: { type: 'string', default: 'ES256' },
    scale: { type: 'string' },
    minutes: { type: 'string' },
  },
  allowPositionals: true,
})

const unknown = positionals.filter((name) => !Object.hasOwn(PARTS, name))
const isAlgorithm = values.algorithm === 'ES256' || values.algorithm === 'RS256'
if (values.help || unknown.length > 0 || !isAlgorithm) {
  if (unknown.length > 0) console.error(`there is no such part: ${unknown.join(', ')}`)
  if (!isAlgorithm) console.error('--algorithm is ES256 or RS256')
  const list = Object.entries(PARTS).map(([name, { says }]) => `  ${name.padEnd(16)} ${says}`)
  console.log(`npm run bench [-- PART …] [--quick]

Sekisho beside stock oidc-provider with the plain Redis adapter. Without a PART: about ten minutes, and
bench/results/DATE.json, bench/results/*.svg and the tables of PERFORMANCE.md are written.

  --quick          about two minutes: fewer and shorter rounds; nothing is written to PERFORMANCE.md
  --rounds N       of each contestant
  --algorithm A    of ID tokens, of everybody alike: ES256 (as ours does unless told) or RS256
  --scale N        people in the large country: of “subject” 1000000 unless told, of “scale” 10000000
  --minutes N      of the soak: 20 unless told

${list.join('\n')}`)
  process.exit(values.help ? 0 : 64)
}

// what was interrupted may still hold a connection
const status = await runBench({
  names: positionals.length === 0 ? STANDARD : (positionals as PartName[]),
  isWhole: positionals.length === 0,
  isQuick: values.quick,
  rounds: values.rounds === undefined ? undefined : Number(values.rounds),
  algorithm: values.algorithm === 'RS256' ? 'RS256' : 'ES256',
  scale: values.scale === undefined ? undefined : Number(values.scale),
  minutes: values.minutes === undefined ? undefined : Number(values.minutes),
})
process.exit(status)
