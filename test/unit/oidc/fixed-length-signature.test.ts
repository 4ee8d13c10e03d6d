import { generateKeyPairSync, sign, verify } from 'node:crypto'
import { expect, test } from 'vitest'
import { toFixedLength } from '../../../src/oidc/fixed-length-signature.ts'

const octets = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex')
const ones = '11'.repeat(32)

test.each([
  ['nothing', ''],
  ['no SEQUENCE', '0201010201 01'],
  ['one INTEGER', '3003020101'],
  ['three INTEGERs', '3009020101020101020101'],
  ['something behind it', '3006020101020101 00'],
  ['a length that is too long for it', '3006020101020201'],
  ['a number of 33 octets', `3026 0221 11${ones} 020101`],
  ['a negative number', '3006020181020101'],
  ['zero', '3006020100020101'],
  ['a zero in front that says nothing', '300702020001 020101'],
  ['another type', '3006040101020101'],
])('%s is no signature', (_, hex) => {
  expect(() => toFixedLength(octets(hex))).toThrow()
})

test.each([
  ['short numbers are filled up in front', '3006020101020102', `${'00'.repeat(31)}01${'00'.repeat(31)}02`],
  [
    'a zero in front of a large number goes',
    `3045 0221 00ff${ones.slice(2)} 0220 ${ones}`,
    `ff${ones.slice(2)}${ones}`,
  ],
  ['of different lengths', `3024 021f ${ones.slice(2)} 02017f`, `00${ones.slice(2)}${'00'.repeat(31)}7f`],
])('%s', (_, hex, fixed) => {
  expect(Buffer.from(toFixedLength(octets(hex))).toString('hex')).toBe(fixed)
})

test('five hundred signatures, a few of them short, verify in this form', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const lengths = new Set<number>()
  for (let round = 0; round < 500; round++) {
    const data = Buffer.from(`round ${round}`)
    const der = sign('sha256', data, privateKey)
    lengths.add(der.length)
    expect(verify('sha256', data, { key: publicKey, dsaEncoding: 'ieee-p1363' }, toFixedLength(der))).toBe(true)
  }
  expect(lengths.size).toBeGreaterThan(2)
})
