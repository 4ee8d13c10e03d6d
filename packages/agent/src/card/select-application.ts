import type { ApduChannel } from './create-apdu-channel.ts'
import { CardFailure } from './card-failure.ts'
import { selectApplicationCommand } from './commands.ts'

/**
 * Selects JPKI-AP. Also a log-out: a PIN that another program verified is forgotten (jpki.md §1.1).
 *
 * @throws CardFailure('CARD_UNSUPPORTED') when this is some other card
 */
export async function selectApplication(channel: ApduChannel): Promise<void> {
  const { status } = await channel.send(selectApplicationCommand())
  // 6A82 and its like: no such application. A card that is not a My Number Card may answer anything here.
  if (status !== 0x9000) throw new CardFailure('CARD_UNSUPPORTED', `SELECT AP ${status.toString(16)}`)
}
