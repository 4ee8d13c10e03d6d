import { chmod, mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openTrustListFile } from '../../src/trust-list/open-trust-list-file.ts'
import { trustFilePath } from '../../src/trust-list/trust-file-path.ts'
import { toTrustedProvider, trustProviders } from '../../src/trust-list/trust-list.ts'
import { codeOf } from '../support/card-stage.ts'

let directory: string
let path: string
const now = () => new Date('2026-11-22T00:00:00Z')

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'trust-'))
  path = join(directory, 'sekisho-agent', 'trust.json')
})
afterEach(async () => {
  await rm(directory, { recursive: true })
})

const ISSUER = toTrustedProvider('https://op.example', { development: false })

describe('what may be trusted', () => {
  test.each([
    ['no address', 'op.example', 'ISSUER_INVALID'],
    ['a path', 'https://op.example/realm', 'ISSUER_INVALID'],
    ['a query', 'https://op.example/?a=b', 'ISSUER_INVALID'],
    ['an empty query', 'https://op.example/?', 'ISSUER_INVALID'],
    ['a fragment', 'https://op.example/#x', 'ISSUER_INVALID'],
    ['user information', 'https://bank.example@op.example', 'ISSUER_INVALID'],
    ['another scheme', 'sekisho-agent://op.example', 'ISSUER_INVALID'],
    ['plain http', 'http://op.example', 'ISSUER_NOT_HTTPS'],
    ['plain http on this machine', 'http://localhost:4000', 'ISSUER_NOT_HTTPS'],
  ])('not %s', (_what, issuer, code) => {
    expect(() => toTrustedProvider(issuer, { development: false })).toThrow(expect.objectContaining({ code }) as Error)
  })

  test.each(['http://op.example', 'http://127.0.0.1:4000', 'http://[::1]', 'http://localhost.evil.example'])(
    'not %s, even marked as development',
    (issuer) => {
      expect(() => toTrustedProvider(issuer, { development: true })).toThrow(
        expect.objectContaining({ code: 'ISSUER_NOT_HTTPS' }) as Error,
      )
    },
  )

  test.each([
    ['https://OP.example:443/', 'op.example', 'https://op.example'],
    ['https://op.example:8443', 'op.example:8443', 'https://op.example:8443'],
    ['http://localhost:4000', 'localhost:4000', 'http://localhost:4000'],
    ['http://op.localhost:4000', 'op.localhost:4000', 'http://op.localhost:4000'],
  ])('%s is known as %s', (issuer, name, origin) => {
    expect(toTrustedProvider(issuer, { development: true })).toEqual({ name, origin, development: true })
  })

  test('a fixed list finds by name', async () => {
    const list = trustProviders([{ issuer: 'https://op.example' }])
    expect(await list.find('op.example')).toEqual(ISSUER)
    expect(await list.find('op.example.evil')).toBeUndefined()
  })
})

describe('the file', () => {
  test('does not exist: nobody is trusted', async () => {
    expect(await openTrustListFile({ path, now }).list()).toEqual([])
  })

  test('add, list, find, add again, remove; 0600 in a folder of 0700, nothing left beside it', async () => {
    const list = openTrustListFile({ path, now })
    expect(await list.add(ISSUER)).toBe(true)
    expect(await list.add(ISSUER)).toBe(false)
    expect(await list.find('op.example')).toEqual(ISSUER)
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect((await stat(join(path, '..'))).mode & 0o777).toBe(0o700)
    expect(await readdir(join(path, '..'))).toEqual(['trust.json'])
    expect(JSON.parse(await readFile(path, 'utf8'))).toEqual({
      format: 'sekisho-agent-trust:1',
      providers: [{ issuer: 'https://op.example', development: false, added_at: '2026-11-22T00:00:00.000Z' }],
    })
    expect(await list.remove('op.example')).toBe(true)
    expect(await list.remove('op.example')).toBe(false)
    expect(await list.list()).toEqual([])
  })

  test('the same name added with another mark replaces the entry', async () => {
    const list = openTrustListFile({ path, now })
    await list.add(ISSUER)
    expect(await list.add({ ...ISSUER, development: true })).toBe(true)
    expect(await list.list()).toEqual([{ ...ISSUER, development: true }])
  })

  const entry = { issuer: 'https://op.example', development: false, added_at: '2026-11-22T00:00:00.000Z' }
  test.each([
    ['empty', ''],
    ['no JSON', '{'],
    ['another format', JSON.stringify({ format: 'trust:9', providers: [] })],
    ['an additional field', JSON.stringify({ format: 'sekisho-agent-trust:1', providers: [], more: 1 })],
    [
      'a field missing',
      JSON.stringify({ format: 'sekisho-agent-trust:1', providers: [{ issuer: 'https://op.example' }] }),
    ],
    ['too large', ' '.repeat(300_000)],
  ])('%s: FILE_INVALID, and adding does not write over it', async (_what, content) => {
    await mkdir(join(path, '..'))
    await writeFile(path, content, { mode: 0o600 })
    const list = openTrustListFile({ path, now })
    expect(await codeOf(list.list())).toBe('FILE_INVALID')
    expect(await codeOf(list.add(ISSUER))).toBe('FILE_INVALID')
    expect(await readFile(path, 'utf8')).toBe(content)
  })

  test('an entry that breaks the rules, written by hand: refused', async () => {
    await mkdir(join(path, '..'))
    const providers = [{ ...entry, issuer: 'http://op.example' }]
    await writeFile(path, JSON.stringify({ format: 'sekisho-agent-trust:1', providers }), { mode: 0o600 })
    expect(await codeOf(openTrustListFile({ path, now }).list())).toBe('ISSUER_NOT_HTTPS')
  })

  test.each([0o620, 0o602, 0o666])('mode %o, which others may write: FILE_UNSAFE', async (mode) => {
    const list = openTrustListFile({ path, now })
    await list.add(ISSUER)
    await chmod(path, mode)
    expect(await codeOf(list.find('op.example'))).toBe('FILE_UNSAFE')
  })
})

describe('where it lies', () => {
  test.each([
    [{ XDG_CONFIG_HOME: '/home/me/conf' }, 'linux', '/home/me/conf/sekisho-agent/trust.json'],
    [{ XDG_CONFIG_HOME: 'relative' }, 'linux', /\/\.config\/sekisho-agent\/trust\.json$/],
    [{}, 'darwin', /\/\.config\/sekisho-agent\/trust\.json$/],
  ] as const)('%j on %s', (env, platform, expected) => {
    expect(trustFilePath(env, platform)).toEqual(
      typeof expected === 'string' ? expected : expect.stringMatching(expected),
    )
  })
})
