import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { parseTestArguments } from '../../scripts/testing/test-arguments.ts'
import { closingLine, isCi, skip } from '../../scripts/testing/tally.ts'
import { plantFiles, REPOSITORY } from '../support/plant-files.ts'
import { createTempDirectory } from '../support/temp-directory.ts'

const PASSES = `import { expect, test } from 'vitest'\ntest('passes', () => { expect(1).toBe(1) })\n`

interface Run {
  readonly title: string
  /** A test file beside one that passes. */
  readonly file: string
  readonly line: string
  /** Under `CI=true`, where that differs. */
  readonly ciLine?: string
  /** A line that must be printed above. */
  readonly reason?: RegExp
}

const RUNS: readonly Run[] = [
  { title: 'all pass', file: PASSES, line: '2 passed, 0 failed', ciLine: '2 passed, 0 failed' },
  {
    title: 'a test fails',
    file: `import { expect, test } from 'vitest'\ntest('fails', () => { expect(1).toBe(2) })`,
    line: '1 passed, 1 failed',
  },
  {
    title: 'a test asserts nothing',
    file: `import { test } from 'vitest'\ntest('cannot fail', () => {})`,
    line: '1 passed, 1 failed',
  },
  {
    title: 'a file that cannot be loaded',
    file: `import './nowhere.ts'`,
    line: '1 passed, 1 failed',
    reason: /^outside a test: only › second\.test\.ts: /m,
  },
  {
    title: 'a file without a test',
    file: `export const nothing = 1`,
    line: '1 passed, 1 failed',
    reason: /^outside a test: only › second\.test\.ts: No test suite found/m,
  },
  {
    title: 'a hook fails',
    file: `import { beforeAll, expect, test } from 'vitest'\nbeforeAll(() => { throw new Error('no database') })\ntest('x', () => { expect(1).toBe(1) })`,
    line: '1 passed, 1 failed, 1 skipped',
    ciLine: '1 passed, 1 failed, 1 skipped',
    reason: /^outside a test: only › second\.test\.ts: no database$/m,
  },
  {
    title: 'a hook fails afterwards, in a describe',
    file: `import { afterAll, describe, expect, test } from 'vitest'\ndescribe('d', () => {\nafterAll(() => { throw new Error('left over') })\ntest('x', () => { expect(1).toBe(1) })\n})`,
    line: '2 passed, 1 failed',
    reason: /^outside a test: only › second\.test\.ts › d: left over$/m,
  },
  {
    title: 'an error that nobody caught',
    file: `import { expect, test } from 'vitest'\ntest('x', () => { void Promise.reject(new Error('dropped')); expect(1).toBe(1) })`,
    line: '2 passed, 1 failed',
    reason: /^unhandled error: dropped$/m,
  },
  {
    title: 'a worker that dies',
    file: `import { expect, test } from 'vitest'\ntest('x', () => { process.kill(process.pid, 'SIGKILL'); expect(1).toBe(1) })`,
    // the test without an end, and the process that ended unasked
    line: '1 passed, 2 failed',
    reason: /^never came to an end: only › second\.test\.ts › x$/m,
  },
  {
    title: 'a test is skipped',
    file: `import { expect, test } from 'vitest'\ntest.skip('later', () => { expect(1).toBe(1) })`,
    line: '1 passed, 0 failed, 1 skipped',
    ciLine: '1 passed, 1 failed',
    reason: /^skipped: only › second\.test\.ts › later$/m,
  },
  {
    title: 'a test skips itself',
    file: `import { test } from 'vitest'\ntest('sometimes', (context) => { context.skip() })`,
    line: '1 passed, 0 failed, 1 skipped',
    ciLine: '1 passed, 1 failed',
    reason: /^skipped: only › second\.test\.ts › sometimes$/m,
  },
  {
    title: 'a test is still to be written',
    file: `import { test } from 'vitest'\ntest.todo('some day')`,
    line: '1 passed, 0 failed, 1 skipped',
    ciLine: '1 passed, 1 failed',
    reason: /^skipped: only › second\.test\.ts › some day$/m,
  },
]

const house = createTempDirectory('closing', join(REPOSITORY, '.test'))
afterAll(() => house.remove())

let planted = 0

/** Runs a small project of its own with our reporter, in a process of its own. */
function run(file: string, environment: Readonly<Record<string, string>>, projects = ['only'], args: string[] = []) {
  const directory = join(house.path, String(planted++))
  const reporter = join(REPOSITORY, 'scripts', 'testing', 'closing-line-reporter.ts')
  const config = {
    reporters: [reporter],
    projects: projects.map((name) => ({
      test: {
        name,
        include: [name === 'only' ? '*.test.ts' : `${name}/*.test.ts`],
        expect: { requireAssertions: true },
      },
    })),
  }
  plantFiles(directory, {
    'vitest.config.ts': `export default { test: ${JSON.stringify(config)} }\n`,
    'first.test.ts': PASSES,
    'second.test.ts': `${file}\n`,
  })
  const clean = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(VITEST|CI$|SEKISHO_|NODE_ENV|TEST$)/.test(name)),
  )
  const vitest = join(REPOSITORY, 'node_modules', 'vitest', 'vitest.mjs')
  const { stdout, status } = spawnSync(process.execPath, [vitest, 'run', '--root', directory, ...args], {
    cwd: directory,
    encoding: 'utf8',
    env: { ...clean, NO_COLOR: '1', ...environment },
  })
  return { stdout, status, lastLine: stdout.trimEnd().split('\n').at(-1) }
}

describe('the last line of a run', () => {
  test.each(RUNS)('$title: $line', ({ file, line, reason }) => {
    const { lastLine, stdout, status } = run(file, {})
    expect(lastLine).toBe(line)
    expect(stdout).toMatch(reason ?? '')
    expect(status === 0).toBe(line.includes(' 0 failed'))
  })

  test.each(RUNS.filter(({ ciLine }) => ciLine !== undefined))(
    '$title, CI=true: $ciLine',
    ({ file, ciLine, reason }) => {
      const { lastLine, stdout, status } = run(file, { CI: 'true' })
      expect(lastLine).toBe(ciLine)
      expect(stdout).toMatch(reason ?? '')
      expect(status === 0).toBe(ciLine?.includes(' 0 failed'))
    },
  )

  test('a name pattern leaves tests out because it was asked to', () => {
    const { lastLine, status } = run(PASSES.replace('passes', 'other'), { CI: 'true' }, ['only'], ['-t', 'other'])
    expect({ lastLine, status }).toEqual({ lastLine: '1 passed, 0 failed, 1 skipped', status: 0 })
  })

  test.each([
    [{}, '2 passed, 0 failed'],
    [{ SEKISHO_WHOLE_RUN: '1' }, '2 passed, 0 failed, 1 skipped'],
    [{ CI: 'true' }, '2 passed, 0 failed'],
    [{ CI: 'true', SEKISHO_WHOLE_RUN: '1' }, '2 passed, 1 failed'],
  ])('a layer without a test, with %o: %s', (environment, line) => {
    const { lastLine, stdout } = run(PASSES, environment, ['only', 'hollow'])
    expect(lastLine).toBe(line)
    expect(/^empty: no test in the layer hollow$/m.test(stdout)).toBe('SEKISHO_WHOLE_RUN' in environment)
  })
})

test.each([
  [{ passed: 3, failed: 0, skipped: 0 }, '3 passed, 0 failed'],
  [{ passed: 0, failed: 2, skipped: 0 }, '0 passed, 2 failed'],
  [{ passed: 3, failed: 0, skipped: 1 }, '3 passed, 0 failed, 1 skipped'],
])('%o reads %s', (counts, line) => {
  expect(closingLine({ ...counts, reasons: [] })).toBe(line)
})

test.each([
  [undefined, false],
  ['', false],
  ['false', false],
  ['0', false],
  ['true', true],
  ['1', true],
])('CI=%s means CI: %s', (value, expected) => {
  expect(isCi(value === undefined ? {} : { CI: value })).toBe(expected)
})

test('a layer that cannot run is a skip for a developer and a failure for CI, named in both', () => {
  expect(skip('skipped: the layer e2e, for want of chromium', false)).toMatchObject({ failed: 0, skipped: 1 })
  expect(skip('skipped: the layer e2e, for want of chromium', true)).toEqual({
    passed: 0,
    failed: 1,
    skipped: 0,
    reasons: ['skipped: the layer e2e, for want of chromium'],
  })
})

describe('arguments of npm test', () => {
  test.each(['--project uint', '--project=nothing', '--project'])('a layer that does not exist: %s', (line) => {
    expect(() => parseTestArguments(line.split(' '))).toThrow(/no such layer/)
  })

  test('layers are picked, the rest goes through', () => {
    const args = ['--project', 'unit', 'seal', '--project=property', '-t', 'attack 26']
    expect(parseTestArguments(args)).toEqual({ layers: ['unit', 'property'], filters: ['seal', '-t', 'attack 26'] })
  })

  test('nothing named is everything', () => {
    expect(parseTestArguments([]).layers).toContain('e2e')
    expect(parseTestArguments([]).filters).toEqual([])
  })
})
