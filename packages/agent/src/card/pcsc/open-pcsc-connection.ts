import type { Card, Transaction } from 'pcsc-mini'
import type * as Pcsc from 'pcsc-mini'
import { CardFailure } from '../card-failure.ts'
import type { CardConnection } from '../card-readers.ts'
import { failByPcscCode, pcscCodeOf } from './fail-by-pcsc-code.ts'

/**
 * Makes a connected card ours alone until it is released: SCardBeginTransaction, which waits without end while another program
 * has a transaction of its own, and SCardEndTransaction with a reset, which comes before anyone else gets the card.
 *
 * @param events.onLeak pcsc-mini keeps the place of a card that it could not disconnect from
 * @param events.onAbandoned released, but a command is still under way; it cannot be called off
 * @param events.onReleased nothing of ours is left on the card
 * @throws CardFailure
 */
export async function openPcscConnection(
  pcsc: typeof Pcsc,
  card: Card,
  { onLeak, onAbandoned, onReleased }: { onLeak: () => void; onAbandoned: () => void; onReleased: () => void },
): Promise<CardConnection> {
  const { RESET, LEAVE } = pcsc.CardDisposition
  let transaction: Transaction
  try {
    transaction = await begin(pcsc, card)
  } catch (error) {
    await card.disconnect(LEAVE).catch(onLeak)
    throw failByPcscCode(error, 'connect')
  }

  let underWay: Promise<unknown> | undefined
  let used = false
  let released = false

  async function giveBack(): Promise<void> {
    // A card that got no command from us has nothing to forget, and another program may count on its state.
    const ended = await transaction.end(used ? RESET : LEAVE).then(
      () => true,
      () => false,
    )
    await card.disconnect(ended || !used ? LEAVE : RESET).catch(onLeak)
    onReleased()
  }

  return {
    async transmit(command) {
      if (released) throw new CardFailure('AGENT_FAILED', 'released')
      used = true
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
        await giveBack()
        return
      }
      onAbandoned()
      void underWay.then(giveBack, giveBack)
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
