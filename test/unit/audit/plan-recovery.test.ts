import { describe, expect, test } from 'vitest'
import { AUDIT_EVENT_TYPES } from '../../../src/audit/audit-event.ts'
import { EFFECT_WHEN_LOST, planRecovery, type LostEvent } from '../../../src/audit/plan-recovery.ts'

const NOTHING = {
  unlink: [],
  supersede: [],
  withdraw: [],
  part: [],
  suspend: [],
  disableClients: [],
  retireKeys: [],
  newPeople: 0,
}

const lost = (type: string, fields: Partial<LostEvent> = {}): LostEvent => ({ type, details: {}, ...fields })

describe('attack 43: what was taken away since the backup is not given back', () => {
  test.each([
    ['a card that was unlinked', lost('credential.unlinked', { accountId: 'a', credentialId: 'c' }), { unlink: ['c'] }],
    [
      'a card that was replaced',
      lost('credential.superseded', { accountId: 'a', credentialId: 'c' }),
      { supersede: ['c'] },
    ],
    [
      'a card whose code was handed over',
      lost('hand_over.redeemed', { accountId: 'a', credentialId: 'new', details: { olderId: 'c' } }),
      { supersede: ['c'] },
    ],
    ['an account that was closed', lost('account.closed', { accountId: 'a' }), { suspend: ['a'] }],
    [
      'two accounts that were merged',
      lost('account.merged', { accountId: 'a', details: { otherAccountId: 'b' } }),
      { suspend: ['a', 'b'] },
    ],
    [
      'a link that was undone',
      lost('operation.undone', { accountId: 'a', details: { undoes: 'o' } }),
      { suspend: ['a'] },
    ],
    [
      'a site whose secret was exchanged',
      lost('client.changed', { clientId: 'site', details: { change: 'secret_rotated' } }),
      { disableClients: ['site'] },
    ],
    [
      'a key that was withdrawn',
      lost('signing_key.changed', { details: { kid: 'k', change: 'retired' } }),
      { retireKeys: ['k'] },
    ],
    [
      'what was agreed and taken back',
      lost('consent.withdrawn', { accountId: 'a', clientId: 's' }),
      { withdraw: [{ accountId: 'a', clientId: 's' }] },
    ],
    [
      'a user of a site who was parted from a card',
      lost('external_account.removed', { accountId: 'a', clientId: 's' }),
      { part: [{ accountId: 'a', clientId: 's' }] },
    ],
    [
      'what a later release did to an account',
      lost('account.frozen', { accountId: 'a', clientId: 's' }),
      { suspend: ['a'] },
    ],
    ['what a later release did to a site', lost('site.blocked', { clientId: 's' }), { disableClients: ['s'] }],
    ['an unlinked card without its id', lost('credential.unlinked', { accountId: 'a' }), { suspend: ['a'] }],
  ])('%s', (_name, event, held) => {
    expect(planRecovery([event, event])).toEqual({ ...NOTHING, ...held })
  })
})

test.each([
  ['a sign-in', lost('sign_in.succeeded', { accountId: 'a', credentialId: 'c', clientId: 's' })],
  ['a card seen first', lost('credential.first_seen', { accountId: 'a', credentialId: 'c' })],
  ['a session that ended, as all do', lost('session.ended', { accountId: 'a' })],
  ['a key that began to sign', lost('signing_key.changed', { details: { kid: 'k', change: 'activated' } })],
])('%s holds nothing', (_name, event) => {
  expect(planRecovery([event])).toEqual(NOTHING)
})

test('whoever came after the backup is counted', () => {
  expect(
    planRecovery([lost('account.created', { accountId: 'a' }), lost('account.created', { accountId: 'b' })]),
  ).toEqual({
    ...NOTHING,
    newPeople: 2,
  })
})

test('of every event of the log it is said what it means to have forgotten it', () => {
  expect(AUDIT_EVENT_TYPES.filter((type) => EFFECT_WHEN_LOST[type] === undefined)).toEqual([])
})
