import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Bench } from '../bench.ts'
import { digestProfile, type CpuProfile, type Digest, type Share } from '../judge/read-profile.ts'
import { introspect } from '../load/ask-token-endpoints.ts'
import { openCrowd } from '../load/open-crowd.ts'
import { runLoad } from '../load/run-load.ts'
import { walkTogether, type Phase } from '../load/walk-together.ts'

const CONNECTIONS = 16
const TOKENS = 64
const LOG_INS = 320
const LINES = 12
const EVERY_MICROSECONDS = 250

/** Where our server’s CPU time goes: V8’s sampling profile, cut by request. */
export async function measureProfile(bench: Bench): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'sekisho-profile-'))
  const sampling = [`--cpu-prof-interval=${EVERY_MICROSECONDS}`, `--cpu-prof-dir=${directory}`]
  const ours = await bench.arena.anotherOurs({ nodeArgs: ['--cpu-prof', ...sampling] })
  const crowd = openCrowd(ours, await bench.arena.cards(), CONNECTIONS)
  try {
    const phases: Phase[] = []
    // the first round compiles
    for (let round = 0; round <= bench.rounds; round++) {
      const walked = await walkTogether(ours, crowd, LOG_INS)
      if (round > 0) phases.push(...walked)
    }
    const tokens = await crowd.logIn(TOKENS, { offline: false })
    const from = Number(process.hrtime.bigint() / 1000n)
    const { operations } = await runLoad({
      pid: ours.pid,
      connections: CONNECTIONS,
      ms: bench.roundMs * 2,
      operation: (worker) =>
        introspect(crowd.connection(worker), ours.apiSecret, tokens[worker % TOKENS]?.access ?? ''),
    })
    const introspection = { from, to: Number(process.hrtime.bigint() / 1000n) }
    await crowd.close()
    await ours.stop()
    const profile = readLargest(directory)
    for (const [name, spans] of Map.groupBy(phases, ({ name }) => name)) {
      sayWhere(bench, name, digestProfile(profile, spans), spans.length * LOG_INS)
    }
    sayWhere(bench, 'introspection', digestProfile(profile, [introspection]), operations)
  } finally {
    await crowd.close()
    await ours.stop()
    rmSync(directory, { recursive: true, force: true })
  }
}

/** The command that started it again with a heap of its size has left one too. */
function readLargest(directory: string): CpuProfile {
  const [file] = readdirSync(directory)
    .map((name) => join(directory, name))
    .toSorted((one, other) => statSync(other).size - statSync(one).size)
  if (file === undefined) throw new Error('no profile was written')
  return JSON.parse(readFileSync(file, 'utf8')) as CpuProfile
}

function sayWhere(bench: Bench, name: string, { total, packages, functions }: Digest, times: number): void {
  const line = ({ where, microseconds }: Share): string => `${(microseconds / times).toFixed(1).padStart(7)}  ${where}`
  bench.say(
    `\n${name}: ${(total / times).toFixed(0)} µs each on the main thread; by package, and by function (own time)`,
  )
  for (const shares of [packages, functions]) {
    for (const share of shares.slice(0, LINES)) bench.say(line(share))
    bench.say('')
  }
}
