import type { Medium, RevocationVerdict } from '../certificate/judgement.ts'
import { RateLimited } from '../error-registry/rate-limited.ts'
import { Refusal } from '../error-registry/refusal.ts'
import type { ErrorCode } from '../error-registry/registry.ts'
import type { AccountResolver, ResolvedAccount } from './account-resolver.ts'
import { evidencePurpose } from './answer-ticket.ts'
import { acrOf, AMR, type Acr } from './authentication-context.ts'
import type { ChoiceStore } from './choice-store.ts'
import { CHOICE_LIFE_MS, CHOICE_TRIES, choicePurpose, keepChoice } from './keep-choice.ts'
import { decodeEvidence, encodeEvidence, type Sealer } from './evidence.ts'
import { digestToken, isToken, type RandomBytes } from './random-token.ts'
import type { SignInJournal } from './sign-in-journal.ts'
import { signInRecordOf } from './sign-in-record.ts'
import type { TicketStore } from './ticket-store.ts'

export interface CompleteSignInDependencies {
  readonly tickets: TicketStore
  readonly choices: ChoiceStore
  readonly accounts: AccountResolver
  readonly sealer: Sealer
  readonly journal: SignInJournal
  readonly now: () => Date
  readonly random: RandomBytes
}

export type Completion =
  | {
      readonly outcome: 'signed-in'
      readonly accountId: string
      readonly credentialId: string
      readonly isNewAccount: boolean
      readonly signOuts?: number | undefined
      readonly hasNews?: boolean | undefined
      readonly acr: Acr
      readonly amr: readonly string[]
      readonly revocation: RevocationVerdict
    }
  | {
      /** The card is unknown: does it replace another one? The answer goes to `chooseAccount`, with the token. */
      readonly outcome: 'choice-needed'
      /** 43 characters base64url, good once, for this browser. */
      readonly choiceToken: string
      /** What was presented: the question is worded for it. */
      readonly medium: Medium
      /** Why the code that was typed does not work. */
      readonly refused?: ErrorCode
    }
  | { readonly outcome: 'refused'; readonly code: ErrorCode }

/**
 * The relay rule (protocol.md): the code and the browser's own interaction must belong together. The code is taken before
 * they are compared, so a code that arrived in the wrong browser is dead everywhere.
 *
 * @param cookieInteractionId the interaction whose cookie this browser holds
 * @throws Refusal SIGNIN_COMPLETION_INVALID when the code is unknown, used or expired; SIGNIN_OTHER_BROWSER; RateLimited
 */
export async function completeSignIn(
  deps: CompleteSignInDependencies,
  unverifiedCode: unknown,
  cookieInteractionId: string | undefined,
): Promise<Completion> {
  const { tickets, accounts, sealer, journal, now } = deps
  if (!isToken(unverifiedCode)) throw new Refusal('SIGNIN_COMPLETION_INVALID')
  const taken = await tickets.takeCompletion(digestToken(unverifiedCode), now())
  if (taken === undefined) throw new Refusal('SIGNIN_COMPLETION_INVALID')
  const { interactionId, clientId, outcome } = taken
  if (interactionId !== cookieInteractionId) {
    // what a relayed ticket looks like from here: whoever watches the log must see it
    await journal.refused({ clientId, code: 'SIGNIN_OTHER_BROWSER' })
    throw new Refusal('SIGNIN_OTHER_BROWSER')
  }
  if (outcome.state === 'refused') return { outcome: 'refused', code: outcome.code }

  const evidence = decodeEvidence(sealer.open(evidencePurpose(interactionId), outcome.sealedEvidence))
  const record = signInRecordOf(clientId, evidence.revocation)
  const resolved = await accounts.resolve(evidence.identity, record).catch(async (fault: unknown) => {
    if (fault instanceof RateLimited) await journal.refused({ clientId, code: fault.code })
    throw fault
  })
  if (resolved.outcome !== 'newcomer') return concludeSignIn(deps, clientId, resolved, evidence.revocation)
  const choiceToken = await keepChoice(deps, {
    interactionId,
    clientId,
    sealedEvidence: sealer.seal(choicePurpose(interactionId), encodeEvidence(evidence)),
    triesLeft: CHOICE_TRIES,
    expiresAt: new Date(now().getTime() + CHOICE_LIFE_MS),
  })
  return { outcome: 'choice-needed', choiceToken, medium: evidence.identity.medium }
}

/** The last step of every way in: the record first, then the person is told. */
export async function concludeSignIn(
  { journal }: Pick<CompleteSignInDependencies, 'journal'>,
  clientId: string,
  resolved: ResolvedAccount,
  revocation: RevocationVerdict,
): Promise<Extract<Completion, { outcome: 'signed-in' | 'refused' }>> {
  if (resolved.outcome === 'refused') {
    await journal.refused({ clientId, code: resolved.code })
    return resolved
  }
  const signedIn = {
    accountId: resolved.accountId,
    credentialId: resolved.credentialId,
    isNewAccount: resolved.outcome === 'created',
    acr: acrOf(revocation),
    revocation,
  }
  const { signOuts, hasNews, isRecorded = false } = resolved
  await journal.succeeded({ clientId, ...signedIn, isRecorded })
  return { outcome: 'signed-in', ...signedIn, signOuts, hasNews, amr: AMR }
}
