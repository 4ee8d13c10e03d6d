import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { loadConfig } from '../../../src/config/load-config.ts'

const load = (settings: Record<string, string>) =>
  loadConfig({
    REVOCATION_SOURCES: 'none',
    DATABASE_URL: 'postgres://nobody@127.0.0.1/none',
    COOKIE_KEYS: 'k'.repeat(32),
    HANDLE_PEPPER: `1:${'A'.repeat(43)}=`,
    KEY_ENCRYPTION_KEY: `${'A'.repeat(43)}=`,
    ...settings,
  }).redis

test.each([
  'http://cache:6379',
  'redis://',
  'redis://cache:0',
  'redis://cache:65536',
  'redis://one,two',
  'redis://cache/first',
  'redis://cache/1/2x',
  'redis://:%zz@cache',
  'redis+sentinel://one:26379',
  'redis+sentinel://one:26379/main/x',
  'redis+cluster://one,two/1',
  'redis+cluster://one,,two',
  'rediss+proxy://one',
])('%s is refused', (url) => {
  expect(() => load({ REDIS_URL: url })).toThrow(/REDIS_URL/)
})

test.each([
  ['redis://cache', { kind: 'single', nodes: [{ host: 'cache', port: 6379 }], database: 0, isEncrypted: false }],
  [
    'rediss://app:p%40ss%3Aword@cache:7000/3',
    {
      kind: 'single',
      nodes: [{ host: 'cache', port: 7000 }],
      username: 'app',
      password: 'p@ss:word',
      database: 3,
      isEncrypted: true,
    },
  ],
  [
    'redis://:secret@[2001:db8::1]:7000',
    { nodes: [{ host: '2001:db8::1', port: 7000 }], username: undefined, password: 'secret' },
  ],
  [
    'redis+sentinel://one,two:26380/main/2',
    {
      kind: 'sentinel',
      nodes: [
        { host: 'one', port: 26_379 },
        { host: 'two', port: 26_380 },
      ],
      masterName: 'main',
      database: 2,
    },
  ],
  [
    'rediss+cluster://:secret@one:7001,two:7002',
    {
      kind: 'cluster',
      nodes: [
        { host: 'one', port: 7001 },
        { host: 'two', port: 7002 },
      ],
      isEncrypted: true,
      password: 'secret',
    },
  ],
])('%s', (url, location) => {
  expect(load({ REDIS_URL: url })?.url.reveal()).toMatchObject(location)
})

test.each([
  [{ REDIS_TLS_CA: '-----BEGIN CERTIFICATE-----' }],
  [{ REDIS_TLS_CA: '-----BEGIN CERTIFICATE-----', REDIS_URL: 'redis://cache' }],
  [{ REDIS_SENTINEL_PASSWORD: 'secret', REDIS_URL: 'redis://cache' }],
])('%o does not belong together', (settings) => {
  expect(() => load(settings)).toThrow(/REDIS_URL/)
})

test('the password is in nothing that is printed', () => {
  const redis = load({ REDIS_URL: 'redis+sentinel://:hidden@one/main', REDIS_SENTINEL_PASSWORD: 'hidden too' })
  expect(`${inspect(redis, { depth: 9 })}${JSON.stringify(redis)}`).not.toContain('hidden')
})
