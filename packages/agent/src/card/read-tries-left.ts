import { CardFailure } from './card-failure.ts'
import { askTriesCommand, askTriesFiveByteCommand } from './commands.ts'
import type { ApduChannel } from './create-apdu-channel.ts'
import { FILES, PIN_MAX_TRIES } from './jpki-application.ts'
import { selectApplication } from './select-application.ts'
import { selectFile } from './select-file.ts'

/**
 * How many wrong PINs the card still bears, without spending one. Leaves the PIN file selected.
 *
 * @returns 0 (blocked) to 15
 * @throws CardFailure
 */
export async function readTriesLeft(channel: ApduChannel): Promise<number> {
  let status = await ask(channel)
  if (status === 0x9000) {
    // "Already verified", by whoever had the card before us. A new SELECT makes the card forget that (jpki.md §1.1).
    await selectApplication(channel)
    status = await ask(channel)
  }
  // Still "verified": a right PIN has filled the counter, and a wrong one would have ended the state. Never 0 (jpki.md §9 no. 13).
  if (status === 0x9000) return PIN_MAX_TRIES
  const tries = triesOfStatus(status)
  if (tries === undefined) throw new CardFailure('CARD_PROTOCOL_ERROR', `tries left ${status.toString(16)}`)
  return tries
}

/** 63Cx counts down to 63C0; 6983 and 6984 both mean blocked, depending on the card (jpki.md §1.5). */
export function triesOfStatus(status: number): number | undefined {
  if (status === 0x6983 || status === 0x6984) return 0
  return status >> 4 === 0x63c ? status & 0x0f : undefined
}

async function ask(channel: ApduChannel): Promise<number> {
  await selectFile(channel, FILES.authenticationPin)
  const status = await askWithFourBytes(channel)
  return status ?? (await channel.send(askTriesFiveByteCommand())).status
}

/** @returns undefined when the PC/SC stack does not carry a command of four bytes. The second form carries no PIN either. */
async function askWithFourBytes(channel: ApduChannel): Promise<number | undefined> {
  try {
    const { status } = await channel.send(askTriesCommand())
    return status === 0x6700 ? undefined : status
  } catch (error) {
    if (error instanceof CardFailure && error.code === 'CARD_PROTOCOL_ERROR') return undefined
    throw error
  }
}
