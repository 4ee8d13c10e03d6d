import type { PresentedCredential } from '../credential-store.ts'
import type { Refused, Resolved } from '../resolution.ts'
import { digestHandOverCode, parseHandOverCode } from './hand-over-code.ts'
import type { HandOverStore } from './hand-over-store.ts'

/**
 * An unknown card follows the one that the code was made for. Nothing tells apart why a code that is well-formed does not work.
 *
 * @returns undefined when the card became known meanwhile: look again
 */
export async function redeemHandOverCode(
  {
    handOvers,
    now,
    newId,
  }: { readonly handOvers: HandOverStore; readonly now: () => Date; readonly newId: () => string },
  presented: PresentedCredential,
  typedCode: string,
): Promise<Resolved | Refused | undefined> {
  const parsed = parseHandOverCode(typedCode)
  if ('mistypedGroups' in parsed) return { outcome: 'refused', code: 'LINK_HAND_OVER_CODE_MISTYPED' }
  const { kind } = presented
  const newer = { credentialId: newId(), kind, presented, status: 'current' } as const
  const { credentialId } = newer
  const redemption = await handOvers.redeem(
    digestHandOverCode(parsed.code),
    newer,
    now(),
    ({ accountId, olderId, isReplaced }) => [
      { type: 'hand_over.redeemed', accountId, credentialId, olderId },
      { type: 'credential.first_seen', accountId, credentialId, kind },
      { type: 'credential.linked', accountId, credentialId, olderId, relation: 'hand_over' },
      ...(isReplaced ? [{ type: 'credential.superseded', accountId, credentialId: olderId } as const] : []),
    ],
  )
  switch (redemption.outcome) {
    case 'redeemed':
      return { outcome: 'known', accountId: redemption.accountId, credentialId }
    case 'invalid':
      return { outcome: 'refused', code: 'LINK_HAND_OVER_CODE_INVALID' }
    case 'outpaced':
      return undefined
  }
}
