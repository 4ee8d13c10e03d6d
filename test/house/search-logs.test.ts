import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { findIn, searchLogs, uniqueValues } from '../../scripts/testing/search-logs.ts'
import { createTempDirectory } from '../support/temp-directory.ts'

const KNOWN = uniqueValues([
  { kind: 'serial', value: '791720239' },
  { kind: 'CN', value: 'B49R9649W7B1JM99001003A' },
  { kind: 'code', value: 'vJ8n2-k3_Xq' },
  { kind: 'name', value: '関所 太郎' },
])
const DER = `MII${'Ab3/'.repeat(60)}`

describe('is found in a line of a log', () => {
  test.each([
    ['a serial number', '{"msg":"card 791720239"}', 'serial'],
    ['… as a JSON number', '{"serial":791720239,"level":"info"}', 'serial'],
    ['… in hex', `{"msg":"issuer/${(791720239).toString(16)}"}`, 'serial'],
    ['… in capitals', `{"msg":"0x${(791720239).toString(16).toUpperCase()}"}`, 'serial'],
    ['a CN', '{"msg":"CN=B49R9649W7B1JM99001003A, C=JP"}', 'CN'],
    ['a name with a space', '{"msg":"hello 関所 太郎"}', 'name'],
    ['a code of a test', '{"url":"/cb?code=vJ8n2-k3_Xq&state=1"}', 'code'],
    ['a PIN', '{"msg":"wrong PIN 1234"}', 'PIN'],
    ['… as a value', '{"pin":"1234"}', 'PIN'],
    ['… as a number', '{"pin":1234}', 'PIN'],
    ['a signature password', '{"password":"ABC123"}', 'signature password'],
    ['PEM', '{"c":"-----BEGIN CERTIFICATE-----\\n"}', 'PEM'],
    ['a certificate in base64', `{"c":"${DER}"}`, 'DER in base64'],
    ['… in base64url', `{"c":"${DER.replaceAll('/', '_')}"}`, 'DER in base64'],
    ['… in hex', `{"c":"3082${'0a'.repeat(200)}"}`, 'DER in hex'],
    ['an ID token', `{"t":"eyJ${'a'.repeat(30)}.eyJ${'b'.repeat(30)}.${'c'.repeat(43)}"}`, 'JWT'],
    ['an access token', `{"t":"skat_${'a'.repeat(43)}"}`, 'access token'],
    ['a refresh token', `{"t":"skrt_${'a'.repeat(43)}"}`, 'refresh token'],
    ['an Authorization header', '{"h":"Basic c2hvcDpzZWNyZXRzZWNyZXQ="}', 'Authorization header'],
    ['a password of a database', '{"m":"postgres://sekisho:hunter2@db/sekisho"}', 'password of a database'],
  ])('%s', (_name, line, kind) => {
    expect(findIn(line, KNOWN)).toContain(kind)
  })
})

test.each([
  ['a port', '{"port":41234,"host":"127.0.0.1"}'],
  ['a time', '{"time":"2026-11-22T12:34:12.123Z"}'],
  ['an address with a port', '{"peer":"127.0.0.1:1234"}'],
  ['an id', '{"requestId":"0b1b59e7-1234-4d15-a478-831570ea5767"}'],
  ['an incident', '{"incidentId":"1234-Q2XD","code":"CERT_REVOKED"}'],
  ['a longer number', '{"n":7917202391}'],
  ['a database without a password', '{"m":"postgres://postgres@127.0.0.1:5432/test"}'],
])('%s is nothing', (_name, line) => {
  expect(findIn(line, KNOWN)).toEqual([])
})

test('a directory is searched line by line, and what was searched is counted', async () => {
  await using directory = createTempDirectory('logs')
  mkdirSync(join(directory.path, 'deeper'))
  writeFileSync(join(directory.path, '1.log'), 'fine\nserial 791720239\n')
  writeFileSync(join(directory.path, '2.log'), 'fine\nfine\ncode vJ8n2-k3_Xq\n')
  writeFileSync(join(directory.path, '2.known'), 'code vJ8n2-k3_Xq\nserial 791720239\n')
  const found = await searchLogs(directory.path, [{ kind: 'CN', value: 'B49R9649W7B1JM99001003A' }])
  expect(found).toMatchObject({
    files: 2,
    lines: 5,
    findings: [
      { kind: 'serial', place: '1.log:2' },
      { kind: 'code', place: '2.log:3' },
    ],
  })
  expect(found.known).toBeGreaterThanOrEqual(3)
})
