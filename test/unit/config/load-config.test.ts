import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ConfigError, type ConfigFault } from '../../../src/config/config-error.ts'
import { loadConfig } from '../../../src/config/load-config.ts'
import { createTempDirectory, type TempDirectory } from '../../support/temp-directory.ts'

const KEY_A = Buffer.alloc(32, 0xa1).toString('base64')
const KEY_B = Buffer.alloc(32, 0xb2).toString('base64url')
const COOKIE_KEY = 'cookie key '.repeat(4)

const PRODUCTION = {
  NODE_ENV: 'production',
  ISSUER: 'https://id.example',
  TRUST_PROXY: '1',
  DATABASE_URL: 'postgres://sekisho:database-password@db.example/sekisho',
  COOKIE_KEYS: COOKIE_KEY,
  HANDLE_PEPPER: `2:${KEY_A},1:${KEY_B}`,
  KEY_ENCRYPTION_KEY: KEY_B,
  REVOCATION_SOURCES: 'ocsp,crl',
  OCSP_URL: 'https://ocsp.example/',
  CRL_PATH: '/var/lib/sekisho/crl',
} as const

function faultsOf(env: Record<string, string | undefined>): readonly ConfigFault[] {
  try {
    loadConfig(env)
  } catch (fault) {
    if (fault instanceof ConfigError) return fault.faults
    throw fault
  }
  return []
}

let directory: TempDirectory
beforeEach(() => {
  directory = createTempDirectory('config')
})
afterEach(() => directory.remove())

const development = () => ({
  DATA_DIR: join(directory.path, 'data'),
  REVOCATION_SOURCES: 'none',
})

describe('refused', () => {
  test.each([
    ['ISSUER', 'http://id.example'],
    ['ISSUER', 'https://id.example/path'],
    ['ISSUER', 'https://user@id.example'],
    ['ISSUER', 'http://localhost:3000'],
    ['PORT', '0'],
    ['PORT', '65536'],
    ['PORT', '3000x'],
    ['TRUST_PROXY', 'yes'],
    ['TRUST_PROXY', '0'],
    ['TRUST_PROXY', '0.0.0.0/0'],
    ['WEB_CONCURRENCY', '0'],
    ['METRICS_PORT', '3000'],
    ['ADMIN_ORIGIN', 'http://admin.example'],
    ['ADMIN_ORIGIN', 'https://admin.example/admin'],
    ['ADMIN_ORIGIN', 'https://id.example'],
    ['DRAIN_SECONDS', '-1'],
    ['STOP_SECONDS', '0'],
    ['DATABASE_URL', 'mysql://db.example/sekisho'],
    ['COOKIE_KEYS', 'too short'],
    ['COOKIE_KEYS', `${COOKIE_KEY},`],
    ['COOKIE_KEYS', `${COOKIE_KEY},${COOKIE_KEY}`],
    ['HANDLE_PEPPER', KEY_A],
    ['HANDLE_PEPPER', `0:${KEY_A}`],
    ['HANDLE_PEPPER', `1:${KEY_A},1:${KEY_B}`],
    ['HANDLE_PEPPER', `1:${KEY_A}:${KEY_B}`],
    ['HANDLE_PEPPER', `1:${Buffer.alloc(31).toString('base64')}`],
    ['KEY_ENCRYPTION_KEY', Buffer.alloc(16).toString('base64')],
    ['KEY_ENCRYPTION_KEY', '*'.repeat(44)],
    ['KEY_ENCRYPTION_KEY', `${KEY_A},${Buffer.alloc(31).toString('base64')}`],
    ['SIGNING_KEY_DAYS', '1'],
    ['SIGNING_KEY_PUBLISH_AHEAD_DAYS', '0'],
    ['SIGNING_KEY_PUBLISH_AHEAD_DAYS', '90'],
    ['REVOCATION_SOURCES', 'ocsp,magic'],
    ['REVOCATION_SOURCES', 'ocsp,none'],
    ['REVOCATION_SOURCES', 'ocsp,ocsp'],
    ['OCSP_URL', 'file:///etc/passwd'],
    ['OUTBOUND_INTRANET_HOSTS', 'Example.com'],
    ['OUTBOUND_INTRANET_HOSTS', 'example.com:443'],
    ['SESSION_SECONDS', '59'],
    ['DEFAULT_LOCALE', 'de'],
    ['LOG_LEVEL', 'verbose'],
  ])('%s=%s', (key, text) => {
    const faults = faultsOf({ ...PRODUCTION, [key]: text })
    expect(faults.map((fault) => fault.key)).toEqual([key])
  })

  test.each([
    ['ISSUER', 'ISSUER'],
    ['DATABASE_URL', 'DATABASE_URL'],
    ['COOKIE_KEYS', 'COOKIE_KEYS'],
    ['HANDLE_PEPPER', 'HANDLE_PEPPER'],
    ['KEY_ENCRYPTION_KEY', 'KEY_ENCRYPTION_KEY'],
    ['TRUST_PROXY', 'TRUST_PROXY'],
    ['REVOCATION_SOURCES', 'REVOCATION_SOURCES'],
    ['OCSP_URL', 'OCSP_URL'],
    ['CRL_PATH', 'CRL_PATH'],
  ])('production without %s', (key, named) => {
    expect(faultsOf({ ...PRODUCTION, [key]: undefined }).map((fault) => fault.key)).toEqual([named])
    expect(faultsOf({ ...PRODUCTION, [key]: '' }).map((fault) => fault.key)).toEqual([named])
  })

  test.each([
    [
      'a key that would be published for longer than it signs',
      { SIGNING_KEY_DAYS: '7' },
      ['SIGNING_KEY_PUBLISH_AHEAD_DAYS'],
    ],
    ['two storages', { DATA_DIR: '/srv/data' }, ['DATA_DIR']],
    [
      'several processes on the embedded database',
      { DATABASE_URL: undefined, DATA_DIR: '/srv/data', WEB_CONCURRENCY: '2' },
      ['WEB_CONCURRENCY'],
    ],
    ['two places of one CRL', { CRL_URL: 'https://crl.example/' }, ['CRL_PATH']],
    [
      'half of an OAuth client',
      { OPERATOR_TOKEN_URL: 'https://op.example/token' },
      ['OPERATOR_CLIENT_ID', 'OPERATOR_CLIENT_SECRET'],
    ],
    [
      'a certificate without its key',
      { OPERATOR_TLS_CERTIFICATE: '-----BEGIN CERTIFICATE-----' },
      ['OPERATOR_TLS_KEY'],
    ],
    ['an operator without an address', { REVOCATION_SOURCES: 'operator' }, ['OPERATOR_URL']],
    ['a linkage operator without an address', { LINKAGE_SOURCE: 'operator' }, ['LINKAGE_URL']],
    ['a linkage address that nobody asks', { LINKAGE_URL: 'https://op.example/linkage' }, ['LINKAGE_SOURCE']],
    [
      'half of a linkage client, and half of a certificate',
      { LINKAGE_CLIENT_ID: 'us', LINKAGE_TLS_KEY: '-----BEGIN PRIVATE KEY-----' },
      ['LINKAGE_TOKEN_URL', 'LINKAGE_TLS_CERTIFICATE'],
    ],
  ])('%s', (_what, settings, keys) => {
    expect(faultsOf({ ...PRODUCTION, ...settings }).map((fault) => fault.key)).toEqual(keys)
  })

  test('all faults at once, and no value in the message', () => {
    const wrong = {
      ...PRODUCTION,
      ISSUER: 'nonsense',
      KEY_ENCRYPTION_KEY: 'not-a-key!',
      PORT: 'eighty',
      OCSP_URL: undefined,
    }
    expect(faultsOf(wrong).map(({ key }) => key)).toEqual(['ISSUER', 'PORT', 'KEY_ENCRYPTION_KEY', 'OCSP_URL'])
    expect(() => loadConfig(wrong)).toThrow(/ISSUER: .*\n.*PORT: .*\n.*KEY_ENCRYPTION_KEY: /)
    expect(() => loadConfig(wrong)).not.toThrow(/nonsense|not-a-key|eighty/)
  })

  test('a secret both by itself and by file, or by a file that is not there', () => {
    const path = join(directory.path, 'pepper')
    expect(faultsOf({ ...PRODUCTION, HANDLE_PEPPER_FILE: path })).toEqual([
      { key: 'HANDLE_PEPPER_FILE', fault: 'is set together with HANDLE_PEPPER: choose one' },
    ])
    expect(faultsOf({ ...PRODUCTION, HANDLE_PEPPER: undefined, HANDLE_PEPPER_FILE: path })).toEqual([
      { key: 'HANDLE_PEPPER_FILE', fault: 'cannot be read (ENOENT)' },
    ])
  })

  test('development secrets that others can read, or that are damaged', () => {
    const env = development()
    loadConfig(env)
    const file = join(env.DATA_DIR, 'secrets.json')
    chmodSync(file, 0o644)
    expect(faultsOf(env)).toEqual([{ key: 'DATA_DIR', fault: `${file} is open to other users: chmod 600` }])
    chmodSync(file, 0o600)
    writeFileSync(file, '{"COOKIE_KEYS":"half a fi')
    expect(faultsOf(env)[0]?.fault).toMatch(/damaged/)
  })

  test('a data directory that holds somebody else’s things', () => {
    const path = join(directory.path, 'home')
    mkdirSync(path, { mode: 0o755 })
    writeFileSync(join(path, 'letter.txt'), '')
    expect(faultsOf({ ...development(), DATA_DIR: path })[0]?.fault).toMatch(/not empty/)
    expect(statSync(path).mode & 0o777).toBe(0o755)
  })
})

describe('accepted', () => {
  test('production, everything said', () => {
    const config = loadConfig(PRODUCTION)
    expect(config).toMatchObject({
      isProduction: true,
      issuer: 'https://id.example',
      port: 3000,
      revocationSources: [
        { kind: 'ocsp', url: 'https://ocsp.example/', nonce: 'required' },
        { kind: 'crl', path: '/var/lib/sekisho/crl' },
      ],
      intranetHosts: [],
      unsafeTrustVirtualJpki: false,
    })
    expect(config.handlePeppers.reveal()).toEqual([
      { version: 2, key: Buffer.alloc(32, 0xa1) },
      { version: 1, key: Buffer.alloc(32, 0xb2) },
    ])
    expect('databaseUrl' in config.database && config.database.databaseUrl.reveal()).toBe(PRODUCTION.DATABASE_URL)
  })

  test('attack 43: two key encryption keys while one replaces the other, the newest first', () => {
    const config = loadConfig({ ...PRODUCTION, KEY_ENCRYPTION_KEY: `${KEY_A}, ${KEY_B}` })
    expect(config.keyEncryptionKeys.reveal()).toEqual([Buffer.alloc(32, 0xa1), Buffer.alloc(32, 0xb2)])
    expect(config.signingKeys).toEqual({ rotateEveryDays: 90, publishAheadDays: 7 })
  })

  test('secrets by file, with the newline an editor leaves', () => {
    const path = join(directory.path, 'key')
    writeFileSync(path, `${KEY_A}\n`)
    const config = loadConfig({ ...PRODUCTION, KEY_ENCRYPTION_KEY: undefined, KEY_ENCRYPTION_KEY_FILE: path })
    expect(config.keyEncryptionKeys.reveal()).toEqual([Buffer.alloc(32, 0xa1)])
  })

  test('development with nothing but a revocation source: secrets are made once, for their owner alone', () => {
    const env = development()
    const config = loadConfig(env)
    expect(config.issuer).toBe('http://localhost:3000')
    expect(statSync(env.DATA_DIR).mode & 0o777).toBe(0o700)
    expect(statSync(join(env.DATA_DIR, 'secrets.json')).mode & 0o777).toBe(0o600)
    const again = loadConfig({ ...env, PORT: '4000' })
    expect(again.issuer).toBe('http://localhost:4000')
    expect(again.handlePeppers.reveal()).toEqual(config.handlePeppers.reveal())
    expect(again.cookieKeys.reveal()).toEqual(config.cookieKeys.reveal())
    expect(again.keyEncryptionKeys.reveal()).toEqual(config.keyEncryptionKeys.reveal())
    const other = loadConfig({ ...env, DATA_DIR: join(directory.path, 'other') })
    expect(other.handlePeppers.reveal()).not.toEqual(config.handlePeppers.reveal())
  })

  test('a secret that is set wins over the one that was made', () => {
    const config = loadConfig({ ...development(), HANDLE_PEPPER: `7:${KEY_A}` })
    expect(config.handlePeppers.reveal()).toEqual([{ version: 7, key: Buffer.alloc(32, 0xa1) }])
    expect(config.cookieKeys.reveal()[0]).toHaveLength(43)
  })
})

test('an operator of linkage, in the style and with the credentials that were set', () => {
  const { linkage } = loadConfig({
    ...PRODUCTION,
    LINKAGE_SOURCE: 'operator',
    LINKAGE_URL: 'https://op.example/linkage',
    LINKAGE_STYLE: 'person',
    LINKAGE_TOKEN_URL: 'https://op.example/token',
    LINKAGE_CLIENT_ID: 'us',
    LINKAGE_CLIENT_SECRET: 'linkage secret',
  })
  expect(linkage).toMatchObject({
    kind: 'operator',
    url: 'https://op.example/linkage',
    style: 'person',
    oauth: { tokenUrl: 'https://op.example/token', clientId: 'us' },
    tls: undefined,
  })
  expect(JSON.stringify(linkage)).not.toContain('linkage secret')
  expect(loadConfig(PRODUCTION)).toMatchObject({ linkage: { kind: 'none' }, unknownCards: 'ask' })
})

test('attack 42: no secret shows in JSON, inspection or a template', () => {
  const env = { ...development(), OPERATOR_CLIENT_SECRET: 'operator secret', REVOCATION_SOURCES: 'operator' }
  const settings = {
    OPERATOR_URL: 'https://op.example/',
    OPERATOR_TOKEN_URL: 'https://op.example/t',
    OPERATOR_CLIENT_ID: 'us',
  }
  const development_ = loadConfig({ ...env, ...settings })
  const production = loadConfig(PRODUCTION)
  const made = JSON.parse(readFileSync(join(env.DATA_DIR, 'secrets.json'), 'utf8')) as Record<string, string>
  const shown = [development_, production]
    .map(
      (config) =>
        JSON.stringify(config) + inspect(config, { depth: null, showHidden: true }) + String(config.cookieKeys),
    )
    .join('')
  expect(shown).toContain('[secret]')
  const secrets = [
    KEY_A,
    KEY_B,
    COOKIE_KEY,
    'database-password',
    'operator secret',
    'a1a1',
    '161, 161',
    ...Object.values(made),
  ]
  for (const secret of secrets) expect(shown).not.toContain(secret)
})

test('the configuration is frozen, all the way down', () => {
  const config = loadConfig(PRODUCTION)
  expect(() => Object.assign(config, { issuer: 'https://evil.example' })).toThrow(TypeError)
  expect(() => Object.assign(config.revocationSources[0] ?? {}, { url: 'https://evil.example' })).toThrow(TypeError)
  expect(() => (config.intranetHosts as string[]).push('evil.example')).toThrow(TypeError)
})

describe('the console', () => {
  test('is off unless it has an address', () => {
    expect(loadConfig(development()).admin).toBeUndefined()
    expect(loadConfig({ ...development(), ADMIN_PORT: '3200' }).admin).toBeUndefined()
  })

  test('has a listener of its own', () => {
    expect(loadConfig({ ...development(), ADMIN_ORIGIN: 'http://localhost:3100' }).admin).toEqual({
      origin: 'http://localhost:3100',
      host: '127.0.0.1',
      port: 3100,
    })
  })

  test.each([
    ['ADMIN_ORIGIN', { ADMIN_ORIGIN: 'http://localhost:3000' }],
    ['ADMIN_ORIGIN', { ADMIN_ORIGIN: 'http://localhost:4000', PORT: '4000' }],
    ['ADMIN_PORT', { ADMIN_ORIGIN: 'http://localhost:3100', ADMIN_PORT: '3000' }],
    ['ADMIN_PORT', { ADMIN_ORIGIN: 'http://localhost:3100', METRICS_PORT: '3100' }],
  ])('attack 44: never beside the provider: %s %o', (key, environment) => {
    expect(() => loadConfig({ ...development(), ...environment })).toThrow(key)
  })
})
