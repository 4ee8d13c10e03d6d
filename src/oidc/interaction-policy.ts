import { interactionPolicy, type KoaContextWithOIDC } from 'oidc-provider'
import { ACR_PHRH } from '../sign-in/authentication-context.ts'
import { revocationPolicyOf } from './client-policy.ts'
import { createConsentPrompt } from './consent/consent-prompt.ts'
import type { GrantedConsent } from './consent/granted-consent.ts'
import { acrCheck } from './required-acr.ts'

/**
 * When a person must tap the card, and when they are asked what a site may get (`consent/`). oidc-provider's own reasons to tap stand
 * (no session, max_age, acr, prompt=login); three are ours: a session begun for a site that allowed unchecked certificates never serves
 * a site that does not (attacks.md 11), a session whose account was suspended serves none, and a tap that has become too old while its
 * person read what a site may get does not count.
 */
export function createInteractionPolicy(granted: GrantedConsent): interactionPolicy.DefaultPolicy {
  const policy = interactionPolicy.base()
  policy.remove('consent')
  policy.add(createConsentPrompt(granted))
  const login = policy.get('login')
  if (login === undefined) throw new Error('oidc-provider has no login prompt')
  login.checks.add(
    new interactionPolicy.Check(
      'account_inactive',
      'the account of this session is not active any more',
      'login_required',
      accountIsGone,
    ),
  )
  login.checks.add(acrCheck)
  login.checks.add(
    new interactionPolicy.Check(
      'max_age_passed',
      'End-User authentication could not be obtained',
      'login_required',
      tapHasBecomeOld,
    ),
  )
  login.checks.add(
    new interactionPolicy.Check(
      'unchecked_session',
      'this client requires a certificate whose revocation was checked',
      'login_required',
      sessionIsTooWeak,
    ),
  )
  return policy
}

function accountIsGone({ oidc }: KoaContextWithOIDC): boolean {
  return oidc.session?.accountId !== undefined && oidc.account === undefined
    ? interactionPolicy.Check.REQUEST_PROMPT
    : interactionPolicy.Check.NO_NEED_TO_PROMPT
}

/** To oidc-provider a tap of this request is new, however long its person then thought about their consent. */
function tapHasBecomeOld({ oidc }: KoaContextWithOIDC): boolean {
  const maxAge = oidc.params?.['max_age']
  return oidc.result?.consent !== undefined && typeof maxAge === 'string' && oidc.session?.past(Number(maxAge)) === true
    ? interactionPolicy.Check.REQUEST_PROMPT
    : interactionPolicy.Check.NO_NEED_TO_PROMPT
}

function sessionIsTooWeak({ oidc }: KoaContextWithOIDC): boolean {
  const { client, session } = oidc
  if (client === undefined || session?.accountId === undefined) return interactionPolicy.Check.NO_NEED_TO_PROMPT
  return revocationPolicyOf(client) === 'require-good' && session.acr !== ACR_PHRH
    ? interactionPolicy.Check.REQUEST_PROMPT
    : interactionPolicy.Check.NO_NEED_TO_PROMPT
}
