import type { AgentFailureCode, SignatureAlgorithm } from '@sekisho/protocol'
import { CardFailure } from './card-failure.ts'
import { chooseSigningMethod } from './choose-signing-method.ts'
import { computeSignature } from './compute-signature.ts'
import type { ApduChannel } from './create-apdu-channel.ts'
import { listReaders } from './find-card.ts'
import { digestCertificate, isSameCard, openToken, type InspectedCard } from './inspect-card.ts'
import { readCertificate } from './read-certificate.ts'
import { readTriesLeft } from './read-tries-left.ts'
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
  const { shown } = request
  try {
    return await withCard(access, shown.readerName, async (channel) => {
      // From here on the card is ours: what the list says now is said of the card in this session.
      const reader = (await listReaders(access)).find(({ name }) => name === shown.readerName)
      return sign(channel, request, reader?.insertion)
    })
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
  insertion: number | undefined,
): Promise<SigningOutcome> {
  const token = await openToken(channel)
  const certificateDigest = token.certificateDer && digestCertificate(token.certificateDer)
  const { readerName, triesLeft: triesShown } = shown
  const lying = { ...token, readerName, insertion: insertion ?? -1, triesLeft: triesShown, certificateDigest }
  if (!isSameCard(shown, lying)) return { outcome: 'card-changed' }
  const methodBefore = token.certificateDer && chooseSigningMethod(token.certificateDer)
  const triesLeft = await readTriesLeft(channel)
  if (triesLeft !== triesShown) return { outcome: 'card-changed' }
  if (triesLeft === 0) return { outcome: 'failed', code: 'PIN_BLOCKED' }
  const verdict = await verifyPin(channel, pin)
  if (!verdict.right) return { outcome: 'wrong-pin', triesLeft: verdict.triesLeft }
  const certificateDer = token.certificateDer ?? (await readCertificate(channel))
  const method = methodBefore ?? chooseSigningMethod(certificateDer)
  const signature = await computeSignature(channel, method, transcript)
  return { outcome: 'signed', certificateDer, algorithm: method.algorithm, signature }
}
