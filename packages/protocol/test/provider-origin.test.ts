import { isLocalhostOrigin, parseProviderOrigin, providerName } from '@sekisho/protocol'
import { describe, expect, test } from 'vitest'

describe('an issuer that is no origin', () => {
  test.each([
    '',
    'null',
    'sekisho.example',
    '//sekisho.example',
    'https:sekisho.example',
    'https:/sekisho.example',
    'https:///sekisho.example',
    'https://',
    'https://sekisho.example/issuer',
    'https://sekisho.example//',
    'https://sekisho.example/..',
    'https://sekisho.example/?',
    'https://sekisho.example?x=1',
    'https://sekisho.example#',
    'https://sekisho.example/#x',
    'https://person:secret@sekisho.example',
    'https://@sekisho.example',
    'https://sekisho.example@evil.example',
    'https://evil.example\\@sekisho.example',
    'https://sekisho.example:65536',
    'https://sekisho.example:8443:1',
    'https://sekisho.example ',
    'https://sekisho.example\r\nHost: evil.example',
    'https://seki\u202esho.example',
    'https://seki\u200bsho.example',
    'https://sekisho%00.example',
    'https://[::1',
    'ftp://sekisho.example',
    'file:///etc/passwd',
    'data:text/html,x',
    'javascript:alert(1)',
    'blob:https://sekisho.example/x',
  ])('%j', (issuer) => {
    expect(parseProviderOrigin(issuer)).toBeUndefined()
  })
})

describe('an issuer and its origin', () => {
  test.each([
    ['https://sekisho.example', 'https://sekisho.example', 'sekisho.example'],
    ['https://sekisho.example/', 'https://sekisho.example', 'sekisho.example'],
    ['HTTPS://Sekisho.Example:443/', 'https://sekisho.example', 'sekisho.example'],
    ['https://id.example.jp:8443', 'https://id.example.jp:8443', 'id.example.jp:8443'],
    ['http://localhost:4000/', 'http://localhost:4000', 'localhost:4000'],
    ['https://関所.example', 'https://xn--8ous75i.example', 'xn--8ous75i.example'],
    ['https://[2001:DB8::1]:8443', 'https://[2001:db8::1]:8443', '[2001:db8::1]:8443'],
  ])('%s → %s', (issuer, origin, name) => {
    expect(parseProviderOrigin(issuer)).toBe(origin)
    expect(parseProviderOrigin(origin)).toBe(origin)
    expect(providerName(origin)).toBe(name)
  })
})

test.each([
  ['http://localhost', true],
  ['http://localhost:4000', true],
  ['http://sekisho.localhost:4000', true],
  ['http://localhost.evil.example', false],
  ['http://notlocalhost', false],
  ['http://127.0.0.1:4000', false],
  ['http://[::1]:4000', false],
  ['https://sekisho.example', false],
])('%s is on this machine: %s', (origin, expected) => {
  expect(isLocalhostOrigin(origin)).toBe(expected)
})
