import { cpus } from 'node:os'
import { relative } from 'node:path'
import { createBench } from './bench.ts'
import { createArena } from './contestants/open-arena.ts'
import type { SigningAlgorithm } from './contestants/stock/create-stock-provider.ts'
import { describeGoal } from './judge/goal.ts'
import { GOALS, type GoalId } from './judge/goals.ts'
import { PARTS, type PartName } from './parts.ts'
import { pinToCores } from './process/cores.ts'
import { missingPrograms } from './process/missing-programs.ts'
import { gatherResults } from './report/results.ts'
import { lastSoak, writeResults, type Place } from './report/write-results.ts'

export interface RunBenchOptions {
  readonly names: readonly PartName[]
  /** Nothing was chosen: then the results are written down. */
  readonly isWhole: boolean
  readonly isQuick: boolean
  readonly rounds: number | undefined
  readonly algorithm: SigningAlgorithm
  readonly scale: number | undefined
  readonly minutes: number | undefined
}

const PEOPLE = 32
/** Shorter ones are not written down. */
const LEAST_SOAK_MINUTES = 10
/** sysexits.h EX_UNAVAILABLE, EX_SOFTWARE. */
const EX_UNAVAILABLE = 69
const EX_SOFTWARE = 70

/** @returns the exit status: 0, also when a goal is not met: that is a finding */
export async function runBench(options: RunBenchOptions): Promise<number> {
  const missing = missingPrograms()
  if (missing.length > 0) {
    console.error(`This needs programs that are not installed: ${missing.join('; ')}.`)
    return EX_UNAVAILABLE
  }
  const { isQuick, names, algorithm } = options
  const say = (line: string): void => {
    console.log(line)
  }
  const cores = pinToCores()
  say(
    cores.reason === undefined
      ? `servers that are measured run on core ${cores.server}, everything else on core ${cores.load}`
      : `NOBODY IS PINNED: ${cores.reason}; load and servers disturb each other`,
  )
  say(`${cpus().length} cores; ${algorithm}; ${isQuick ? 'quick: the spread is wide' : 'full'}`)
  const arena = createArena({ cores, algorithm, people: PEOPLE, say })
  const { bench, findings } = createBench({
    isQuick,
    rounds: options.rounds ?? (isQuick ? 3 : 5),
    roundMs: isQuick ? 700 : 3000,
    scale: options.scale,
    minutes: options.minutes,
    arena,
    say,
  })
  const stopped = stopOnSignal(() => arena.close())
  const deadline = AbortSignal.timeout(deadlineMsOf(options))
  const late = new Promise<never>((_, reject) => {
    deadline.addEventListener('abort', () => {
      reject(new Error('it took too long: something hangs, or the machine is busy with other things'))
    })
  })
  late.catch(() => undefined)
  try {
    for (const name of names) {
      say(`\n== ${name}`)
      const beganAt = performance.now()
      const measure = await PARTS[name].load()
      await Promise.race([measure(bench), stopped.when, late])
      say(`   (${((performance.now() - beganAt) / 1000).toFixed(0)} s)`)
    }
    say('')
    const place = placeOf(options)
    const at = new Date()
    if (place === 'bench') {
      // flatness takes longer than this run: what the last soak found
      const soaked = lastSoak()
      if (soaked !== undefined) findings.reached.set('rssGrowth', soaked)
    }
    const results = gatherResults({
      findings,
      cores,
      rounds: bench.rounds,
      roundMs: bench.roundMs,
      algorithm,
      goals: place === 'bench' ? (Object.keys(GOALS) as GoalId[]) : [...findings.reached.keys()],
      at,
    })
    for (const goal of results.goals) say(describeGoal(goal))
    if (place === undefined) say('\nParts of a run are not written down.')
    else
      for (const file of writeResults(results, place, isQuick || isShort(options)))
        say(`written: ${relative(process.cwd(), file)}`)
    return 0
  } catch (fault) {
    console.error(`\nThe run failed: ${fault instanceof Error ? fault.message : String(fault)}`)
    return stopped.signal() ?? EX_SOFTWARE
  } finally {
    await arena.close()
    stopped.forget()
  }
}

/** A soak in which the heap has not even taken its size says nothing. */
function isShort({ names, minutes = LEAST_SOAK_MINUTES }: RunBenchOptions): boolean {
  return names.includes('soak') && minutes < LEAST_SOAK_MINUTES
}

/** A bench that hangs is worse than one that fails. */
function deadlineMsOf({ names, isQuick, minutes = 20 }: RunBenchOptions): number {
  const soak = names.includes('soak') ? minutes : 0
  const scale = names.includes('scale') ? 30 : 0
  return (soak + scale + (isQuick ? 10 : 30)) * 60_000
}

function placeOf({ isWhole, names }: RunBenchOptions): Place | undefined {
  if (isWhole) return 'bench'
  const [only] = names
  return names.length === 1 && (only === 'scale' || only === 'soak') ? only : undefined
}

/** Ctrl-C and SIGTERM end the measurement, and everything that was started for it. */
function stopOnSignal(close: () => Promise<void>) {
  const { promise, reject } = Promise.withResolvers<never>()
  promise.catch(() => undefined)
  let status: number | undefined
  const hear = (signal: NodeJS.Signals): void => {
    // a second one: at once; what is left ends by itself when this process is gone
    if (status !== undefined) process.exit(status)
    status = signal === 'SIGINT' ? 130 : 143
    console.error(`\n${signal}: stopping everything …`)
    reject(new Error(`stopped by ${signal}`))
    void close()
  }
  process.on('SIGINT', hear).on('SIGTERM', hear)
  return {
    when: promise,
    signal: () => status,
    forget: () => {
      process.off('SIGINT', hear).off('SIGTERM', hear)
    },
  }
}
