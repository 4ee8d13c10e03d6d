import { writeFileSync } from 'node:fs'
import type { Reporter, TestCase, TestModule, TestRunEndReason, TestSuite, Vitest } from 'vitest/node'
import { addTallies, closingLine, failure, isCi, NOTHING, skip, type Tally } from './tally.ts'

/** Set by scripts/test.ts: where to leave the tally as JSON. Without it the closing line is printed here. */
export const TALLY_FILE = 'SEKISHO_TALLY_FILE'
/** Set by scripts/test.ts when no filter was given, so that a layer without a single test is worth a word. */
export const WHOLE_RUN = 'SEKISHO_WHOLE_RUN'

/**
 * Counts everything that can go wrong in a run, not only failed tests: a file that could not be loaded, a hook that failed,
 * a test that never came to an end, an error nobody caught, and (under CI) whatever was skipped or empty.
 */
export default class ClosingLineReporter implements Reporter {
  #vitest: Vitest | undefined

  onInit(vitest: Vitest): void {
    this.#vitest = vitest
  }

  onTestRunEnd(
    modules: readonly TestModule[],
    unhandledErrors: readonly { message?: string }[],
    reason: TestRunEndReason,
  ): void {
    const ci = isCi(process.env)
    // with a name pattern every other test is "skipped", as asked
    const asked = this.#vitest?.config.testNamePattern !== undefined
    const skipped = (name: string) => (asked ? { ...NOTHING, skipped: 1 } : skip(`skipped: ${name}`, ci))
    const tallies = modules.flatMap((module) => tallyModule(module, skipped))
    for (const error of unhandledErrors) tallies.push(failure(`unhandled error: ${firstLine(error.message)}`))
    if (reason === 'interrupted') tallies.push(failure('interrupted'))
    if (process.env[WHOLE_RUN] === '1') tallies.push(...this.#emptyProjects(modules, ci))
    this.#tell(tallies.reduce(addTallies, NOTHING))
  }

  #emptyProjects(modules: readonly TestModule[], ci: boolean): Tally[] {
    const filled = new Set(modules.map((module) => module.project.name))
    const empty = (this.#vitest?.projects ?? []).map(({ name }) => name).filter((name) => !filled.has(name))
    return empty.map((name) => skip(`empty: no test in the layer ${name}`, ci))
  }

  #tell(tally: Tally): void {
    const file = process.env[TALLY_FILE]
    if (file !== undefined) {
      writeFileSync(file, JSON.stringify(tally))
      return
    }
    if (tally.failed > 0) process.exitCode = 1
    console.log([...tally.reasons, closingLine(tally)].join('\n'))
  }
}

function tallyModule(module: TestModule, skipped: (name: string) => Tally): Tally[] {
  const place = `${module.project.name} › ${module.relativeModuleId}`
  const tallies = [...module.children.allTests()].map((test) => tallyTest(test, place, skipped))
  const suites: (TestModule | TestSuite)[] = [module, ...module.children.allSuites()]
  for (const suite of suites) {
    const name = suite.type === 'module' ? place : `${place} › ${suite.fullName}`
    for (const error of suite.errors()) tallies.push(failure(`outside a test: ${name}: ${firstLine(error.message)}`))
  }
  // a file whose process died before its first test; a test without an end is counted as itself
  const ended = module.state() !== 'queued' && module.state() !== 'pending'
  if (!ended && module.children.allTests('pending').next().done === true)
    tallies.push(failure(`never came to an end: ${place}`))
  return tallies
}

function tallyTest(test: TestCase, place: string, skipped: (name: string) => Tally): Tally {
  const name = `${place} › ${test.fullName}`
  const { state } = test.result()
  switch (state) {
    case 'passed':
      return { ...NOTHING, passed: 1 }
    case 'failed':
      return { ...NOTHING, failed: 1 }
    case 'skipped':
      // left out because a hook around it failed: that failure has its own line
      return hookFailed(test) ? { ...NOTHING, skipped: 1 } : skipped(name)
    case 'pending':
      return failure(`never came to an end: ${name}`)
  }
}

function hookFailed({ parent }: TestCase | TestSuite): boolean {
  if (parent.errors().length > 0) return true
  return parent.type === 'suite' && hookFailed(parent)
}

function firstLine(message: string | undefined): string {
  return message?.split('\n', 1)[0] ?? 'no message'
}
