/**
 * `npm test`: type check, then every layer of design.md §10 that this machine can run. Its last line is `N passed, N failed`,
 * and nothing that went wrong on the way is missing from that count. Arguments go to vitest: `npm test -- --project unit seal`.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { TALLY_FILE, WHOLE_RUN } from './testing/closing-line-reporter.ts'
import { checkLogs } from './testing/check-logs.ts'
import { installCommand, installPackages, missingPackages, type DebianPackage } from './testing/debian-packages.ts'
import { LAYERS, type LayerName } from './testing/layers.ts'
import { LOG_DIRECTORY } from './testing/log-directory.ts'
import { parseTestArguments } from './testing/test-arguments.ts'
import { addTallies, closingLine, failure, isCi, NOTHING, skip, type Tally } from './testing/tally.ts'

/** Set by `.ci/run`: names of checks that failed before the tests, so that one closing line tells all. */
const FAILED_CHECKS = 'SEKISHO_FAILED_CHECKS'

/** Set by `.ci/run`, which checks them beside the other checks. */
const TYPES_CHECKED = 'SEKISHO_TYPES_CHECKED'

/** Where providers run, and log. */
const LOGGING_LAYERS: readonly LayerName[] = ['integration', 'conformance', 'e2e']

const root = join(import.meta.dirname, '..')
const ci = isCi(process.env)
// as npm sets it for a script: our own tools, and the Node of the npm package `node`, come first
const PATH = [join(root, 'node_modules', '.bin'), process.env['PATH']].join(delimiter)
const { layers: chosenLayers, filters } = parseTestArguments(process.argv.slice(2))

const tallies: Tally[] = (process.env[FAILED_CHECKS] ?? '')
  .split(' ')
  .filter((name) => name !== '')
  .map((name) => failure(`failed before the tests: ${name}`))

const missing = prepareMachine(chosenLayers)
const runnable = chosenLayers.filter((layer) => missingFor(layer, missing).length === 0)
for (const layer of chosenLayers.filter((name) => !runnable.includes(name))) {
  tallies.push(skip(`skipped: the layer ${layer}, for want of ${missingFor(layer, missing).join(', ')}`, ci))
}

if (process.env[TYPES_CHECKED] !== '1') tallies.push(await checkTypes())
if (runnable.length > 0) tallies.push(await runLayers(runnable))

const tally = tallies.reduce(addTallies, NOTHING)
process.exitCode = tally.failed > 0 ? 1 : 0
process.stdout.write(['', ...tally.reasons, closingLine(tally), ''].join('\n'))

/** Installs what the layers need, where it can. @returns what is still missing */
function prepareMachine(layers: readonly LayerName[]): readonly DebianPackage[] {
  const wanted = missingPackages().filter((name) => layers.some((layer) => missingFor(layer, [name]).length > 0))
  const missing = installPackages(wanted)
  if (missing.length > 0) {
    console.log(`Not on this machine: ${missing.join(', ')}. To run every layer:\n  ${installCommand(missing)}`)
  }
  return missing
}

function missingFor(layer: LayerName, missing: readonly DebianPackage[]): DebianPackage[] {
  const needs: readonly DebianPackage[] = LAYERS.find(({ name }) => name === layer)?.needs ?? []
  return needs.filter((name) => missing.includes(name))
}

/** As `npm run typecheck`: the tests in a browser know a DOM, so they are a project of their own. */
async function checkTypes(): Promise<Tally> {
  const projects = ['tsconfig.json', 'test/e2e', 'packages/sign-in-button', 'test/conformance/recipes']
  const endings = await Promise.all(
    projects.map((project) => ended(run('tsc', ['--noEmit', '--project', project], process.env))),
  )
  return endings.every((ending) => ending === '0') ? NOTHING : failure('the type check (npm run typecheck)')
}

function run(command: string, args: readonly string[], environment: NodeJS.ProcessEnv): ChildProcess {
  return spawn(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'], env: { ...environment, PATH } })
}

/** @returns its status, the signal that ended it, or why it did not start */
function ended(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error) => {
      resolve(error.message)
    })
    child.once('close', (code, signal) => {
      resolve(String(code ?? signal))
    })
  })
}

async function runLayers(layers: readonly LayerName[]): Promise<Tally> {
  const directory = mkdtempSync(join(tmpdir(), 'sekisho-tally-'))
  const logs = mkdtempSync(join(tmpdir(), 'sekisho-test-logs-'))
  const file = join(directory, 'tally.json')
  const whole = filters.length === 0
  const args = ['run', ...layers.flatMap((layer) => ['--project', layer]), ...filters]
  // a reporter named on the command line replaces those of the configuration
  if (filters.some((filter) => filter.startsWith('--reporter'))) {
    args.push('--reporter=./scripts/testing/closing-line-reporter.ts')
  }
  const environment = {
    ...process.env,
    [TALLY_FILE]: file,
    [WHOLE_RUN]: whole ? '1' : '0',
    [LOG_DIRECTORY]: logs,
  }
  const status = await ended(run('vitest', args, environment))
  const tally = readTally(file)
  rmSync(directory, { recursive: true })
  const searched = await checkLogs(logs, whole && LOGGING_LAYERS.every((layer) => layers.includes(layer)))
  // kept where something was found: whoever mends it must see the line
  if (searched.failed === 0) rmSync(logs, { recursive: true })
  if (tally === undefined) return addTallies(failure(`vitest ended without a result: ${status}`), searched)
  const unsaid = status !== '0' && tally.failed === 0 ? failure(`vitest ended with ${status}`) : NOTHING
  return [tally, unsaid, searched].reduce(addTallies)
}

function readTally(file: string): Tally | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Tally
  } catch {
    return undefined
  }
}
