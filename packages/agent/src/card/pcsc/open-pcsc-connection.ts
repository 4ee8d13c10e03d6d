import type { Card, Transaction } from 'pcsc-mini'
import type * as Pcsc from 'pcsc-mini'
import { CardFailure } from '../card-failure.ts'
import type { CardConnection } from '../card-readers.ts'
import { withDeadline } from '../with-deadline.ts'
import { failByPcscCode, pcscCodeOf } from './fail-by-pcsc-code.ts'

/**
 * Makes a connected card ours alone until it is released: SCardBeginTransaction, which waits while another program has a
 * transaction of its own, and SCardEndTransaction with a reset, which comes before anyone else gets the card.
 *
 * @throws CardFailure READER_BUSY when the other program does not let go in time
 */
export async function openPcscConnection(
  pcsc: typeof Pcsc,
  card: Card,
  { waitMs, onLeak }: { waitMs: number; onLeak: () => void },
): Promise<CardConnection> {
  const { RESET, LEAVE } = pcsc.CardDisposition

  /** `onLeak`: pcsc-mini keeps the place of a card that it could not disconnect from. */
  async function giveBack(transaction: Transaction | undefined): Promise<void> {
    const ended = await transaction?.end(RESET).then(
      () => true,
      () => false,
    )
    await card.disconnect(ended === true ? LEAVE : RESET).catch(onLeak)
  }

  const begun = begin(pcsc, card)
  let transaction: Transaction
  try {
    transaction = await withDeadline(begun, waitMs, () => new CardFailure('READER_BUSY', 'transaction'))
  } catch (error) {
    // The wait cannot be broken off; when it ends after all, the card goes straight back.
    begun.then(giveBack, () => giveBack(undefined)).catch(onLeak)
    throw error instanceof CardFailure ? error : failByPcscCode(error, 'connect')
  }

  let underWay: Promise<unknown> | undefined
  let released = false
  return {
    async transmit(command) {
      if (released) throw new CardFailure('AGENT_FAILED', 'released')
      const answer = card.transmit(command)
      underWay = answer
      try {
        return await answer
      } catch (error) {
        throw failByPcscCode(error, 'session')
      } finally {
        underWay = undefined
      }
    },
    async release() {
      if (released) return
      released = true
      if (underWay === undefined) {
        await giveBack(transaction)
        return
      }
      underWay.catch(() => undefined).then(() => giveBack(transaction)).catch(onLeak)
    },
  }
}

async function begin(pcsc: typeof Pcsc, card: Card): Promise<Transaction> {
  try {
    return await card.transaction()
  } catch (error) {
    // Another program reset the card between our connect and now: acknowledge it and begin again.
    if (pcscCodeOf(error) !== 'ResetCard') throw error
    await card.reconnect(pcsc.CardMode.SHARED, pcsc.CardDisposition.LEAVE)
    return card.transaction()
  }
}
