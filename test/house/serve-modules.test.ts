import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

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
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', COUNT])
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
