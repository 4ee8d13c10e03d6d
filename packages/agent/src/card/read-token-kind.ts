import type { ApduChannel } from './create-apdu-channel.ts'
import { CardFailure } from './card-failure.ts'
import { readBinaryCommand } from './commands.ts'
import { FILES } from './jpki-application.ts'
import { selectFile } from './select-file.ts'

/** CK_TOKEN_INFO starts with the label, 32 bytes padded with spaces (PKCS #11, jpki.md §1.2). */
const LABEL_BYTES = 32

/** `phone`: an Android telephone on the reader, which shows its certificate only after the PIN (jpki.md §1.2, §3). */
export type TokenKind = 'card' | 'phone'

/**
 * The labels this program knows how to sign with. Not among them: the old resident card (JPKIAPICCTOKEN) and the iPhone
 * (JPKIAPIOSTOKEN), with whose key other programs cannot sign.
 */
const KINDS: Readonly<Record<string, TokenKind>> = { JPKIAPICCTOKEN2: 'card', JPKIAPGPSETOKEN: 'phone' }

/**
 * What the JPKI application lives on.
 *
 * @throws CardFailure CARD_UNSUPPORTED for a label of another kind, CARD_PROTOCOL_ERROR for none
 */
export async function readTokenKind(channel: ApduChannel): Promise<TokenKind> {
  await selectFile(channel, FILES.tokenInfo)
  const { data, status } = await channel.send(readBinaryCommand(0, LABEL_BYTES))
  if (status !== 0x9000 || data.length !== LABEL_BYTES) {
    throw new CardFailure('CARD_PROTOCOL_ERROR', `token label ${status.toString(16)}`)
  }
  const kind = KINDS[data.toString('latin1').trimEnd()]
  if (kind === undefined) throw new CardFailure('CARD_UNSUPPORTED', 'token label')
  return kind
}
