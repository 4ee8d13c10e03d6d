import type { AgentFailureCode, SignatureAlgorithm } from '@sekisho/protocol'
import { CardFailure } from './card-failure.ts'
import { chooseSigningMethod } from './choose-signing-method.ts'
import { computeSignature } from './compute-signature.ts'
import type { ApduChannel } from './create-apdu-channel.ts'
import { digestCertificate, type InspectedCard } from './inspect-card.ts'
import { readCertificate } from './read-certificate.ts'
import { readTriesLeft } from './read-tries-left.ts'
import { selectApplication } from './select-application.ts'
import { verifyPin } from './verify-pin.ts'
import { withCard, type CardAccess } from './with-card.ts'

export type SigningOutcome =
  | {
      readonly outcome: 'signed'
      readonly certificateDer: Buffer
      readonly algorithm: SignatureAlgorithm
      readonly signature: Buffer
    }
  /** VERIFY was answered "no". The only outcome that may have cost a try. */
  | { readonly outcome: 'wrong-pin'; readonly triesLeft: number }
  /** Not the card, or not the counter, that the person was told about. No try was spent. */
  | { readonly outcome: 'card-changed' }
  | { readonly outcome: 'failed'; readonly code: AgentFailureCode; readonly detail?: string | undefined }

/**
 * One VERIFY and one signature in one exclusive session. Everything that can be checked without the PIN is checked before it
 * is presented.
 *
 * @param shown what the person saw when typing: the card must still be that one, with that many tries
 * @param pin four ASCII digits; zeroed here, on every path
 */
export async function signWithCard(
  access: CardAccess,
  request: { shown: InspectedCard; pin: Buffer; transcript: Uint8Array },
): Promise<SigningOutcome> {
  try {
    return await withCard(access, request.shown.readerName, (channel) => sign(channel, request))
  } catch (error) {
    if (error instanceof CardFailure) return { outcome: 'failed', code: error.code, detail: error.detail }
    throw error
  } finally {
    request.pin.fill(0)
  }
}

async function sign(
  channel: ApduChannel,
  { shown, pin, transcript }: { shown: InspectedCard; pin: Buffer; transcript: Uint8Array },
): Promise<SigningOutcome> {
  await selectApplication(channel)
  const certificateDer = await readCertificate(channel)
  if (!digestCertificate(certificateDer).equals(shown.certificateDigest)) return { outcome: 'card-changed' }
  const method = chooseSigningMethod(certificateDer)
  const triesLeft = await readTriesLeft(channel)
  if (triesLeft !== shown.triesLeft) return { outcome: 'card-changed' }
  if (triesLeft === 0) return { outcome: 'failed', code: 'PIN_BLOCKED' }
  const verdict = await verifyPin(channel, pin)
  if (!verdict.right) return { outcome: 'wrong-pin', triesLeft: verdict.triesLeft }
  const signature = await computeSignature(channel, method, transcript)
  return { outcome: 'signed', certificateDer, algorithm: method.algorithm, signature }
}
