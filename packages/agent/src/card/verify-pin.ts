import { CardFailure } from './card-failure.ts'
import { verifyPinCommand } from './commands.ts'
import type { ApduChannel } from './create-apdu-channel.ts'
import { triesOfStatus } from './read-tries-left.ts'

export type PinVerdict = { readonly right: true } | { readonly right: false; readonly triesLeft: number }

/**
 * Presents the PIN, once. The PIN file must be selected. There is no loop around this call anywhere, and the channel refuses a
 * second VERIFY in one session.
 *
 * @param pin four ASCII digits; the caller zeroes it
 * @throws CardFailure CARD_PROTOCOL_ERROR and those of the channel
 */
export async function verifyPin(channel: ApduChannel, pin: Uint8Array): Promise<PinVerdict> {
  const { status } = await channel.send(verifyPinCommand(pin))
  if (status === 0x9000) return { right: true }
  const triesLeft = triesOfStatus(status)
  if (triesLeft === undefined) throw new CardFailure('CARD_PROTOCOL_ERROR', `VERIFY ${status.toString(16)}`)
  return { right: false, triesLeft }
}
