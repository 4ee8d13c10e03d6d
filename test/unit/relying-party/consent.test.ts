import { expect, test } from 'vitest'
import {
  consentBeyond,
  consentWithin,
  isNoConsent,
  NO_CONSENT,
  scopesByResource,
  type Consent,
} from '../../../src/relying-party/consent/consent.ts'

const given: Consent = { scopes: ['openid'], claims: ['cert_status'], resourceScopes: ['https://a/ read'] }

test.each<[string, Consent, Consent]>([
  ['nothing beyond the same', given, NO_CONSENT],
  ['nothing beyond less', { ...NO_CONSENT, scopes: ['openid'] }, NO_CONSENT],
  ['another scope', { ...given, scopes: ['openid', 'offline_access'] }, { ...NO_CONSENT, scopes: ['offline_access'] }],
  [
    'the same scope at another API',
    { ...NO_CONSENT, resourceScopes: ['https://b/ read'] },
    { ...NO_CONSENT, resourceScopes: ['https://b/ read'] },
  ],
  ['a claim named like a scope', { ...NO_CONSENT, claims: ['openid'] }, { ...NO_CONSENT, claims: ['openid'] }],
])('beyond a consent: %s', (_what, wanted, beyond) => {
  expect(consentBeyond(wanted, given)).toEqual(beyond)
  const within = consentWithin(wanted, given)
  expect(isNoConsent(consentBeyond(within, given))).toBe(true)
  expect(isNoConsent(consentBeyond(consentWithin(given, wanted), wanted))).toBe(true)
})

test('scopes by API, in the order in which they were asked for', () => {
  const resourceScopes = ['https://b/ write', 'https://a/ read', 'https://b/ read']
  expect([...scopesByResource({ ...NO_CONSENT, resourceScopes })]).toEqual([
    ['https://b/', ['write', 'read']],
    ['https://a/', ['read']],
  ])
})
