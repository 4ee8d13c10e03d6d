import { Refusal } from '../error-registry/refusal.ts'
import type { ErrorCode } from '../error-registry/registry.ts'
import type { AccountChooser } from './account-resolver.ts'
import { concludeSignIn, type CompleteSignInDependencies, type Completion } from './complete-sign-in.ts'
import { decodeEvidence } from './evidence.ts'
import { choicePurpose, keepChoice } from './keep-choice.ts'
import { digestToken, isToken } from './random-token.ts'

export type ChooseAccountDependencies = Omit<CompleteSignInDependencies, 'tickets' | 'accounts'> & {
  readonly accounts: AccountChooser
}

/** "I am new here", or "I have renewed my card" with what was typed. */
export type AccountChoice = { readonly kind: 'new' } | { readonly kind: 'hand-over'; readonly typedCode: string }

const TYPED_WRONG: readonly ErrorCode[] = ['LINK_HAND_OVER_CODE_MISTYPED', 'LINK_HAND_OVER_CODE_INVALID']

/**
 * What the person with an unknown card answered. The token is taken before anything else and belongs to one browser, as a completion
 * code does; after a code that does not work there is another token for another try.
 *
 * @param cookieInteractionId the interaction whose cookie this browser holds
 * @throws Refusal SIGNIN_CHOICE_INVALID when the token is unknown, used or too old; SIGNIN_OTHER_BROWSER
 */
export async function chooseAccount(
  deps: ChooseAccountDependencies,
  unverifiedToken: unknown,
  cookieInteractionId: string | undefined,
  choice: AccountChoice,
): Promise<Completion> {
  const { choices, accounts, sealer, journal, now } = deps
  if (!isToken(unverifiedToken)) throw new Refusal('SIGNIN_CHOICE_INVALID')
  const pending = await choices.take(digestToken(unverifiedToken), now())
  if (pending === undefined) throw new Refusal('SIGNIN_CHOICE_INVALID')
  if (pending.interactionId !== cookieInteractionId) {
    await journal.refused({ clientId: pending.clientId, code: 'SIGNIN_OTHER_BROWSER' })
    throw new Refusal('SIGNIN_OTHER_BROWSER')
  }

  const { identity, revocation } = decodeEvidence(
    sealer.open(choicePurpose(pending.interactionId), pending.sealedEvidence),
  )
  const resolved =
    choice.kind === 'new' ? await accounts.admit(identity) : await accounts.redeem(identity, choice.typedCode)
  if (resolved.outcome === 'refused' && TYPED_WRONG.includes(resolved.code) && pending.triesLeft > 1) {
    // whoever watches the log sees codes being tried; a slip of the hand says nothing
    if (resolved.code === 'LINK_HAND_OVER_CODE_INVALID') {
      await journal.refused({ clientId: pending.clientId, code: resolved.code })
    }
    const choiceToken = await keepChoice(deps, { ...pending, triesLeft: pending.triesLeft - 1 })
    return { outcome: 'choice-needed', choiceToken, medium: identity.medium, refused: resolved.code }
  }
  return concludeSignIn(deps, pending.clientId, resolved, revocation)
}
