import { CardFailure } from './card-failure.ts'
import { computeSignatureCommand } from './commands.ts'
import type { ApduChannel } from './create-apdu-channel.ts'
import type { SigningMethod } from './choose-signing-method.ts'
import { FILES } from './jpki-application.ts'
import { selectFile } from './select-file.ts'

/**
 * Has the card sign the transcript of this ceremony. Takes a transcript and never a digest: what reaches the card is built here.
 *
 * @throws CardFailure CARD_PROTOCOL_ERROR also when the signature does not fit the certificate
 */
export async function computeSignature(
  channel: ApduChannel,
  method: SigningMethod,
  transcript: Uint8Array,
): Promise<Buffer> {
  await selectFile(channel, FILES.authenticationKey)
  const { data, status } = await channel.send(computeSignatureCommand(method.toBeSigned(transcript)))
  if (status !== 0x9000) throw new CardFailure('CARD_PROTOCOL_ERROR', `COMPUTE SIGNATURE ${status.toString(16)}`)
  if (!method.isSignatureOf(transcript, data)) throw new CardFailure('CARD_PROTOCOL_ERROR', 'signature does not verify')
  return data
}
