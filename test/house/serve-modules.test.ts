import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, expect, test } from 'vitest'
import { createTempDirectory } from '../support/temp-directory.ts'

const run = promisify(execFile)
const directory = createTempDirectory('compiled')
afterAll(() => directory.remove())

const COUNT = `
  import { registerHooks } from 'node:module'
  const packages = new Set()
  registerHooks({
    load(url, context, next) {
      packages.add(/.*node_modules\\/((?:@[^/]+\\/)?[^/]+)/.exec(url)?.[1] ?? 'ours')
      return next(url, context)
    },
  })
  await import('./src/main/serve/serve-here.ts')
  console.log(JSON.stringify([...packages]))
`

/** Most of a start is the loading of modules, each of them: what no start needs is loaded when it is first asked for. */
test('a server starts without what only some of its requests need', async () => {
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', COUNT])
  const packages = JSON.parse(stdout) as readonly string[]
  expect(packages).toContain('oidc-provider')
  const LATER = [
    'qrcode',
    'undici',
    'node-pg-migrate',
    'ioredis',
    '@electric-sql/pglite',
    'pkijs',
    '@sekisho/virtual-jpki',
  ]
  expect(packages.filter((name) => LATER.includes(name))).toEqual([])
})

const STRIPPERS_OF_SERVER = `
  await import('./src/main/serve-command.ts')
  await import('./src/main/serve/serve-here.ts')
  await import('./src/storage/redis/open-redis.ts')
  console.log(JSON.stringify(process.moduleLoadList.filter((name) => name.includes('amaro'))))
`

/** What strips types takes 19 MB, and stays. */
test('what was compiled ahead of a start is not stripped again: what strips is not loaded', async () => {
  const env = { ...process.env, NODE_COMPILE_CACHE: directory.path, NODE_ENV: 'production' }
  await run(process.execPath, ['bin/compile-ahead.js'], { env })
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', STRIPPERS_OF_SERVER], { env })
  expect(JSON.parse(stdout)).toEqual([])
})
