import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, describe, expect, test } from 'vitest'
import { createTempDirectory } from '../support/temp-directory.ts'

const run = promisify(execFile)
const directory = createTempDirectory('sized')
afterAll(() => directory.remove())
const program = join(directory.path, 'program.js')
writeFileSync(
  program,
  `import { sizeForServing } from '${pathToFileURL('bin/size-for-serving.js').href}'
  console.log(process.pid)
  sizeForServing(process.argv[1])
  const { execArgv, argv, pid, env } = process
  console.log(JSON.stringify({ pid, options: execArgv, words: argv.slice(2), arenas: env.MALLOC_ARENA_MAX ?? '' }))`,
)

async function started(
  words: readonly string[],
  options: readonly string[] = [],
  environment: Record<string, string> = {},
) {
  const args = [...options, program, ...words]
  const { stdout } = await run(process.execPath, args, { env: { PATH: process.env['PATH'], ...environment } })
  const lines = stdout.trimEnd().split('\n')
  const { pid, ...last } = JSON.parse(lines.at(-1) ?? '') as { readonly pid: number; readonly options: string[] }
  expect(new Set([...lines.slice(0, -1), String(pid)]).size).toBe(1)
  return last
}

/** docs/adr/0026. */
describe('how much memory a server takes does not depend on how much the machine has', () => {
  const SIZED = ['--max-semi-space-size=16', '--max-old-space-size=256', '--no-parallel-scavenge']

  test.each([
    ['no server', ['client', 'list'], [], {}, { options: [], arenas: '' }],
    ['a server', ['serve'], [], {}, { options: SIZED, arenas: '2' }],
    ['a server that has all of them', ['serve'], SIZED, {}, { options: SIZED, arenas: '' }],
    [
      'a server with options of Node',
      ['serve'],
      ['--no-warnings'],
      {},
      { options: ['--no-warnings', ...SIZED], arenas: '2' },
    ],
    [
      'sized by its operator',
      ['serve'],
      ['--max-semi-space-size=4', '--max_old_space_size=100'],
      {},
      { options: ['--max-semi-space-size=4', '--max_old_space_size=100', SIZED[2]], arenas: '2' },
    ],
    [
      'sized in the environment',
      ['serve'],
      [],
      { NODE_OPTIONS: '--max-old-space-size=2048' },
      { options: [SIZED[0], SIZED[2]], arenas: '2' },
    ],
    ['arenas of its operator', ['serve'], [], { MALLOC_ARENA_MAX: '7' }, { options: SIZED, arenas: '7' }],
  ] as const)('%s', async (_, words, options, environment, expected) => {
    expect(await started(words, options, environment)).toEqual({ words, ...expected })
  })
})
