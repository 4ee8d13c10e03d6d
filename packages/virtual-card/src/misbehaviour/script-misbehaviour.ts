import { createHash } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { CardRemoved, CardTransportFailed } from '../card/card-faults.ts'
import type { InsertableCard } from '../card/insertable-card.ts'
import type { VirtualCard } from '../card/virtual-card.ts'
import { createRuleChooser } from './choose-rule.ts'
import type { Misbehaviour, MisbehaviourScript } from './misbehaviour-script.ts'

/** A card in a reader that can fail, be pulled out and be put back. */
export interface MisbehavingCard extends InsertableCard {
  /** @throws CardRemoved when the card is out or leaves now, CardTransportFailed when the reader fails */
  transmit(apdu: Uint8Array): Promise<Buffer>
  /** Whether the card is in the reader. */
  readonly present: boolean
  /** Pulls the card out, at any time, also while a command waits. */
  remove(): void
  /** Puts it back; counters are as they were, the session is gone. */
  insert(): void
  /** Sets another script; counting starts anew. Replaced files stay replaced. */
  follow(script: MisbehaviourScript): void
}

type PendingAnswer =
  { readonly kind: 'rest'; readonly data: Buffer } | { readonly kind: 'endless'; readonly bytes: number }

const GET_RESPONSE = 0xc0
const MORE_DATA = 0x61
const WRONG_LENGTH = 0x6c
const FILE_IDENTIFIER = /^[0-9A-Fa-f]{4}$/
const HEXADECIMAL = /^(?:[0-9A-Fa-f]{2})*$/

/**
 * Makes a virtual card misbehave by script.
 *
 * @param card keeps its counters and its log; commands that never reach it are not in the log
 * @param wait how a delay passes, in milliseconds
 * @throws RangeError for a script with malformed hexadecimal strings
 */
export function scriptMisbehaviour(
  card: VirtualCard,
  script: MisbehaviourScript,
  wait: (milliseconds: number) => Promise<unknown> = pause,
): MisbehavingCard {
  let present = true
  let rules = createRuleChooser([])
  let pending: PendingAnswer | undefined
  let noises = 0

  function follow(next: MisbehaviourScript): void {
    for (const [identifier, content] of Object.entries(next.files ?? {})) {
      if (!FILE_IDENTIFIER.test(identifier)) throw new RangeError(`not a file identifier: ${identifier}`)
      card.replaceFile(Number.parseInt(identifier, 16), content === null ? undefined : fromHex(content))
    }
    rules = createRuleChooser(next.rules ?? [])
    pending = undefined
  }

  function remove(): void {
    present = false
    pending = undefined
    card.reset()
  }

  /** What the card or the remembered rest of its last answer says. */
  function answerPlainly(apdu: Uint8Array): Buffer {
    if (apdu[1] === GET_RESPONSE && pending) {
      return pending.kind === 'endless' ? endless(pending.bytes) : giveRest(pending.data, apdu[4] ?? 0)
    }
    pending = undefined
    return card.transmit(apdu)
  }

  function giveRest(data: Buffer, asked: number): Buffer {
    return inPieces(data, asked === 0 ? 256 : asked)
  }

  function inPieces(data: Buffer, bytes: number): Buffer {
    const piece = data.subarray(0, bytes)
    const rest = data.subarray(bytes)
    pending = rest.length > 0 ? { kind: 'rest', data: rest } : undefined
    const status = pending ? [MORE_DATA, Math.min(rest.length, bytes) & 0xff] : [0x90, 0x00]
    return Buffer.concat([piece, Buffer.from(status)])
  }

  function endless(bytes: number): Buffer {
    pending = { kind: 'endless', bytes }
    return Buffer.concat([Buffer.alloc(bytes, 0x61), Buffer.of(MORE_DATA, 0x00)])
  }

  function perform(misbehaviour: Misbehaviour, apdu: Uint8Array): Buffer {
    switch (misbehaviour.kind) {
      case 'remove-before':
        remove()
        throw new CardRemoved()
      case 'remove-after':
        answerPlainly(apdu)
        remove()
        throw new CardRemoved()
      case 'fail-before':
        throw new CardTransportFailed()
      case 'fail-after':
        answerPlainly(apdu)
        throw new CardTransportFailed()
      case 'delay':
        return answerPlainly(apdu)
      case 'answer':
        if (misbehaviour.executed) answerPlainly(apdu)
        return fromHex(misbehaviour.bytes)
      case 'noise':
        if (misbehaviour.executed) answerPlainly(apdu)
        noises += 1
        return noise(misbehaviour.seed, noises)
      case 'endless-more-data':
        return endless(misbehaviour.bytes ?? 256)
      case 'endless-wrong-length':
        return Buffer.of(WRONG_LENGTH, ((apdu.at(-1) ?? 0) + 1) & 0xff)
      case 'split': {
        const answer = answerPlainly(apdu)
        const succeeded = answer.readUInt16BE(answer.length - 2) === 0x9000
        return succeeded ? inPieces(answer.subarray(0, -2), misbehaviour.bytes) : answer
      }
      case 'lengthen': {
        const answer = answerPlainly(apdu)
        return Buffer.concat([answer.subarray(0, -2), Buffer.alloc(misbehaviour.bytes, 0xee), answer.subarray(-2)])
      }
      case 'shorten':
        return answerPlainly(apdu).subarray(0, misbehaviour.bytes)
    }
  }

  follow(script)
  return {
    atr: card.atr,
    get present() {
      return present
    },
    async transmit(apdu) {
      assertPresent()
      for (const misbehaviour of rules.next(apdu)) {
        if (misbehaviour.kind !== 'delay') return perform(misbehaviour, apdu)
        await wait(misbehaviour.milliseconds)
        assertPresent()
      }
      return answerPlainly(apdu)
    },
    reset() {
      pending = undefined
      card.reset()
    },
    remove,
    insert() {
      present = true
    },
    follow,
  }

  function assertPresent(): void {
    if (!present) throw new CardRemoved()
  }
}

function fromHex(text: string): Buffer {
  if (!HEXADECIMAL.test(text)) throw new RangeError('bytes of a script are hexadecimal digits')
  return Buffer.from(text, 'hex')
}

/** A status word other than 9000, the same for the same seed and turn. */
function noise(seed: number, turn: number): Buffer {
  const digest = createHash('sha256')
    .update(`${String(seed)}:${String(turn)}`)
    .digest()
  const status = digest.subarray(0, 2)
  return Buffer.from(status.readUInt16BE() === 0x9000 ? digest.subarray(2, 4) : status)
}
