import type { ApduChannel } from './create-apdu-channel.ts'
import { CardFailure } from './card-failure.ts'
import { readBinaryCommand } from './commands.ts'
import { FILES } from './jpki-application.ts'
import { selectFile } from './select-file.ts'

/** CK_TOKEN_INFO starts with the label, 32 bytes padded with spaces (PKCS #11, jpki.md §1.2). */
const LABEL_BYTES = 32

/** The plastic My Number Card. Old resident cards, telephones and whatever comes next have other labels and other rules. */
const MY_NUMBER_CARD = 'JPKIAPICCTOKEN2'

/**
 * Makes sure that the JPKI application is that of a My Number Card.
 *
 * @throws CardFailure CARD_UNSUPPORTED
 */
export async function checkTokenLabel(channel: ApduChannel): Promise<void> {
  await selectFile(channel, FILES.tokenInfo)
  const { data, status } = await channel.send(readBinaryCommand(0, LABEL_BYTES))
  if (status !== 0x9000 || data.length !== LABEL_BYTES) {
    throw new CardFailure('CARD_PROTOCOL_ERROR', `token label ${status.toString(16)}`)
  }
  if (data.toString('latin1').trimEnd() !== MY_NUMBER_CARD) throw new CardFailure('CARD_UNSUPPORTED', 'token label')
}
