import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { recordOf, type AuditEvent } from '../../../src/audit/audit-event.ts'
import { createSignInJournal } from '../../../src/audit/create-sign-in-journal.ts'

const NOW = new Date('2026-11-22T03:00:00Z')
const [accountId, credentialId] = [randomUUID(), randomUUID()]
const succeeded = {
  type: 'sign_in.succeeded',
  clientId: 'shop',
  accountId,
  credentialId,
  isNewAccount: false,
  acr: 'phrh',
  revocation: { status: 'good', method: 'ocsp', source: 'jpki', checkedAt: NOW },
} as const satisfies AuditEvent

describe('attack 42: refused', () => {
  test.each([
    ['a serial beside the ids', { ...succeeded, serialNumber: '0133c349' }],
    ['a serial within', { ...succeeded, revocation: { ...succeeded.revocation, serial: '0133c349' } }],
    ['an account that is not an id', { ...succeeded, accountId: 'Taro' }],
    [
      'a revoked certificate that signed in',
      { ...succeeded, revocation: { ...succeeded.revocation, status: 'revoked' } },
    ],
    ['a code that is not in the registry', { type: 'sign_in.refused', clientId: 'shop', code: 'NO_SUCH_CODE' }],
    ['a refusal with a message', { type: 'sign_in.refused', clientId: 'shop', code: 'PIN_BLOCKED', message: 'Taro' }],
    ['an event that nobody declared', { type: 'card.photographed', accountId }],
    ['half an event', { type: 'credential.first_seen', accountId }],
  ])('%s', (_what, event) => {
    expect(() => recordOf(event as AuditEvent, NOW)).toThrow()
  })
})

test('an event becomes a record: ids in their places, the rest as details', () => {
  expect(recordOf(succeeded, NOW)).toEqual({
    at: NOW,
    type: 'sign_in.succeeded',
    actor: 'person',
    accountId,
    credentialId,
    clientId: 'shop',
    details: { isNewAccount: false, acr: 'phrh', revocation: succeeded.revocation },
  })
})

describe('the journal of the ceremony', () => {
  const told: AuditEvent[] = []
  const journal = createSignInJournal({ append: (event) => Promise.resolve(void told.push(event)) })

  test('tells what the schemas allow, and no more', async () => {
    const { type: _type, ...event } = succeeded
    const revocation = { ...succeeded.revocation, cause: 'http://ocsp.internal/ answered 500' }
    await journal.succeeded({ ...event, revocation: { ...revocation, status: 'unavailable' } })
    await journal.refused({ clientId: 'shop', code: 'CERT_EXPIRED' })
    expect(told).toEqual([
      { ...succeeded, revocation: { ...succeeded.revocation, status: 'unavailable' } },
      { type: 'sign_in.refused', clientId: 'shop', code: 'CERT_EXPIRED' },
    ])
    expect(told.map((event) => recordOf(event, NOW).type)).toEqual(['sign_in.succeeded', 'sign_in.refused'])
  })

  test('fails when the log does not answer', async () => {
    const failing = createSignInJournal({ append: () => Promise.reject(new Error('the log is away')) })
    await expect(failing.refused({ clientId: 'shop', code: 'CERT_EXPIRED' })).rejects.toThrow('the log is away')
  })
})
