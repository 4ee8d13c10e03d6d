import type { CertificateIdentity, RevocationVerdict } from '../certificate/judgement.ts'
import { Refusal } from '../error-registry/refusal.ts'
import type { ErrorCode } from '../error-registry/registry.ts'
import { acrOf, AMR, type Acr } from './authentication-context.ts'
import { decodeEvidence, type Sealer } from './evidence.ts'
import { evidencePurpose } from './answer-ticket.ts'
import { digestToken, isToken } from './random-token.ts'
import type { SignInJournal } from './sign-in-journal.ts'
import type { TicketStore } from './ticket-store.ts'

/** The account behind a judged certificate (subject/). */
export interface AccountResolver {
  resolve(
    identity: CertificateIdentity,
  ): Promise<
    | { readonly outcome: 'known' | 'created'; readonly accountId: string; readonly credentialId: string }
    | { readonly outcome: 'refused'; readonly code: ErrorCode }
  >
}

export interface CompleteSignInDependencies {
  readonly tickets: TicketStore
  readonly accounts: AccountResolver
  readonly sealer: Sealer
  readonly journal: SignInJournal
  readonly now: () => Date
}

export type Completion =
  | {
      readonly outcome: 'signed-in'
      readonly accountId: string
      readonly credentialId: string
      readonly isNewAccount: boolean
      readonly acr: Acr
      readonly amr: readonly string[]
      readonly revocation: RevocationVerdict
    }
  | { readonly outcome: 'refused'; readonly code: ErrorCode }

/**
 * The relay rule (protocol.md): the code and the browser's own interaction must belong together. The code is taken before
 * they are compared, so a code that arrived in the wrong browser is dead everywhere.
 *
 * @param cookieInteractionId the interaction whose cookie this browser holds
 * @throws Refusal SIGNIN_COMPLETION_INVALID when the code is unknown, used or expired; SIGNIN_OTHER_BROWSER
 */
export async function completeSignIn(
  { tickets, accounts, sealer, journal, now }: CompleteSignInDependencies,
  unverifiedCode: unknown,
  cookieInteractionId: string | undefined,
): Promise<Completion> {
  if (!isToken(unverifiedCode)) throw new Refusal('SIGNIN_COMPLETION_INVALID')
  const taken = await tickets.takeCompletion(digestToken(unverifiedCode), now())
  if (taken === undefined) throw new Refusal('SIGNIN_COMPLETION_INVALID')
  if (taken.interactionId !== cookieInteractionId) {
    // what a relayed ticket looks like from here: whoever watches the log must see it
    await journal.refused({ clientId: taken.clientId, code: 'SIGNIN_OTHER_BROWSER' })
    throw new Refusal('SIGNIN_OTHER_BROWSER')
  }
  if (taken.outcome.state === 'refused') return { outcome: 'refused', code: taken.outcome.code }

  const purpose = evidencePurpose(taken.interactionId)
  const { identity, revocation } = decodeEvidence(sealer.open(purpose, taken.outcome.sealedEvidence))
  const resolved = await accounts.resolve(identity)
  if (resolved.outcome === 'refused') {
    await journal.refused({ clientId: taken.clientId, code: resolved.code })
    return resolved
  }
  const signedIn = {
    accountId: resolved.accountId,
    credentialId: resolved.credentialId,
    isNewAccount: resolved.outcome === 'created',
    acr: acrOf(revocation),
    revocation,
  }
  await journal.succeeded({ clientId: taken.clientId, ...signedIn })
  return { outcome: 'signed-in', ...signedIn, amr: AMR }
}
