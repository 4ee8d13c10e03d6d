import type { ApduChannel } from './create-apdu-channel.ts'
import { CardFailure } from './card-failure.ts'
import { selectFileCommand } from './commands.ts'
import type { FileId } from './jpki-application.ts'

/** @throws CardFailure with `whenMissing` for 6A82, CARD_PROTOCOL_ERROR for anything else that is not 9000 */
export async function selectFile(
  channel: ApduChannel,
  file: FileId,
  whenMissing: 'CARD_UNSUPPORTED' | 'CARD_NO_CERTIFICATE' = 'CARD_UNSUPPORTED',
): Promise<void> {
  const { status } = await channel.send(selectFileCommand(file))
  if (status === 0x6a82) throw new CardFailure(whenMissing, 'file not found')
  if (status !== 0x9000) throw new CardFailure('CARD_PROTOCOL_ERROR', `SELECT EF ${status.toString(16)}`)
}
