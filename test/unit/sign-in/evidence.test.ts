import { describe, expect, test } from 'vitest'
import { decodeEvidence, encodeEvidence, type Evidence } from '../../../src/sign-in/evidence.ts'

const made = { method: 'ocsp', source: 'ocsp', checkedAt: new Date('2026-11-22T03:00:00.123Z') } as const
const evidence = (revocation: Evidence['revocation'], medium: 'card' | 'phone' = 'card'): Evidence => ({
  identity: {
    medium,
    issuerNameDer: new Uint8Array([48, 0]),
    serialNumber: new Uint8Array([0, 255, 1]),
    issuerKeyId: new Uint8Array(20),
    publicKeyDer: new Uint8Array(294).fill(7),
    notAfter: new Date('2031-01-01T00:00:00Z'),
  },
  revocation,
})
const written = (changes: Readonly<Record<string, unknown>>, within: 'identity' | 'revocation' = 'identity') => {
  const whole = JSON.parse(
    Buffer.from(encodeEvidence(evidence({ status: 'good', ...made }))).toString('utf8'),
  ) as Record<string, object>
  return Buffer.from(JSON.stringify({ ...whole, [within]: { ...whole[within], ...changes } }))
}

test.each([
  evidence({ status: 'good', ...made }),
  evidence({ status: 'unknown', ...made, method: 'operator' }, 'phone'),
  evidence({ status: 'unavailable', cause: 'time-out', ...made, method: 'crl' }),
])('comes back as it was: $revocation.status, $identity.medium', (whole) => {
  expect(decodeEvidence(encodeEvidence(whole))).toEqual(whole)
})

test('what a release before sealed was always a card', () => {
  expect(decodeEvidence(written({ medium: undefined })).identity.medium).toBe('card')
})

describe('is refused', () => {
  test.each<readonly [string, Uint8Array]>([
    ['nothing', Buffer.from('')],
    ['null', Buffer.from('null')],
    ['a text', Buffer.from('"evidence"')],
    ['no identity', Buffer.from(JSON.stringify({ revocation: { status: 'good', ...made } }))],
    ['another medium', written({ medium: 'watch' })],
    ['no serial', written({ serialNumber: undefined })],
    ['a serial that is no base64', written({ serialNumber: 'AP8B!' })],
    ['a serial in another base64', written({ serialNumber: 'AP-B' })],
    ['octets as a list', written({ publicKeyDer: [1, 2] })],
    ['a date that is none', written({ notAfter: 'tomorrow' })],
    ['a date of another form', written({ notAfter: '2031-01-01' })],
    ['a revoked certificate', written({ status: 'revoked' }, 'revocation')],
    ['another method', written({ method: 'guess' }, 'revocation')],
    ['no source', written({ source: undefined }, 'revocation')],
    ['unavailable for no cause', written({ status: 'unavailable' }, 'revocation')],
  ])('%s', (_what, plain) => {
    expect(() => decodeEvidence(plain)).toThrow(Error)
  })
})
