import type { KeyObject } from 'node:crypto'
import { parseCommand, type Command } from '../apdu/parse-command.ts'
import { answer, STATUS } from '../apdu/status-words.ts'
import { MY_NUMBER_CARD_ATR } from './atr.ts'
import { forgetSession, type CardMemory } from './card-memory.ts'
import { recordCommand, type CommandRecord } from './command-log.ts'
import { computeSignature } from './compute-signature.ts'
import { buildElementaryFiles, type SlotContent, type TokenLabel } from './elementary-files.ts'
import type { InsertableCard } from './insertable-card.ts'
import { createPin } from './pin.ts'
import { readBinary, type ReadPastEnd } from './read-binary.ts'
import { selectFile } from './select-file.ts'
import { verifyPin, type VerifyBehaviour } from './verify-pin.ts'

/** One of the two key pairs of a card. Key and certificate need not belong together: a test may want a liar. */
export interface CertificateSlot {
  readonly certificateDer: Uint8Array
  /** RSA-2048. */
  readonly privateKey: KeyObject
  readonly caCertificateDer: Uint8Array
  readonly pin?: string
  /** Tries left at the start; 0 is a locked PIN. */
  readonly triesLeft?: number
}

export interface VirtualCardOptions extends Partial<VerifyBehaviour> {
  /** Default `JPKIAPICCTOKEN2`, a plastic card. `JPKIAPGPSETOKEN` shows its certificate only after the PIN. */
  readonly label?: TokenLabel
  /** User authentication: PIN of 4 digits (default 1234), 3 tries. */
  readonly authentication: CertificateSlot
  /** Digital signature: PIN of 6–16 upper-case letters and digits (default SEKISHO1), 5 tries. Absent: a holder under 15. */
  readonly signature?: CertificateSlot
  /** Default `truncate`. */
  readonly readPastEnd?: ReadPastEnd
}

export interface VirtualCard extends InsertableCard {
  transmit(apdu: Uint8Array): Buffer
  /** Tries left of a PIN, read past the card's back: no command is sent. `undefined` when the slot does not exist. */
  triesLeft(slot: 'authentication' | 'signature'): number | undefined
  /** Commands seen so far, oldest first, PINs masked; at most the last 10,000. */
  readonly log: readonly CommandRecord[]
  /** Test support: `identifier` becomes a file of exactly these bytes, access rights as before, or is gone (`undefined`). */
  replaceFile(identifier: number, content: Uint8Array | undefined): void
}

const MAX_LOG_LENGTH = 10_000
const PIN_RULES = {
  authentication: { maximumTries: 3, format: /^[0-9]{4}$/, usual: '1234' },
  signature: { maximumTries: 5, format: /^[0-9A-Z]{6,16}$/, usual: 'SEKISHO1' },
} as const

/**
 * A My Number Card at APDU level with the JPKI application alone (jpki.md §1).
 *
 * @throws RangeError for a key, a PIN or a number of tries that no such card can hold
 */
export function createVirtualCard(options: VirtualCardOptions): VirtualCard {
  const behaviour: VerifyBehaviour = {
    lockedStatus: options.lockedStatus ?? '6983',
    queryWhenVerified: options.queryWhenVerified ?? '63Cx',
  }
  const authentication = fillSlot('authentication', options.authentication)
  const signature = options.signature && fillSlot('signature', options.signature)
  const files = buildElementaryFiles(options.label ?? 'JPKIAPICCTOKEN2', authentication, signature)
  const pins = [authentication.pin, ...(signature ? [signature.pin] : [])]
  const memory: CardMemory = { files, pins, applicationSelected: false, currentFile: undefined }
  const log: CommandRecord[] = []

  function execute(command: Command | undefined): Buffer {
    if (!command) return answer(STATUS.wrongLength)
    switch (command.ins) {
      case 0xa4:
        return command.cla === 0x00 ? selectFile(memory, command) : answer(STATUS.unknownClass)
      case 0xb0:
        return command.cla === 0x00
          ? readBinary(memory, command, options.readPastEnd ?? 'truncate')
          : answer(STATUS.unknownClass)
      case 0x20:
        return command.cla === 0x00 ? verifyPin(memory, command, behaviour) : answer(STATUS.unknownClass)
      case 0x2a:
        return command.cla === 0x80 ? computeSignature(memory, command) : answer(STATUS.unknownClass)
      default:
        return answer(STATUS.unknownInstruction)
    }
  }

  return {
    atr: Buffer.from(MY_NUMBER_CARD_ATR),
    log,
    transmit(apdu) {
      const response = execute(parseCommand(apdu))
      log.push(recordCommand(apdu, response))
      if (log.length > MAX_LOG_LENGTH) log.shift()
      return response
    },
    reset() {
      forgetSession(memory)
    },
    triesLeft(slot) {
      return slot === 'authentication' ? authentication.pin.triesLeft : signature?.pin.triesLeft
    },
    replaceFile(identifier, content) {
      if (content === undefined) {
        files.delete(identifier)
        return
      }
      const file = files.get(identifier)
      const readableAfter = file?.kind === 'data' ? file.readableAfter : undefined
      files.set(identifier, { kind: 'data', content: Buffer.from(content), readableAfter })
    },
  }
}

function fillSlot(slot: keyof typeof PIN_RULES, given: CertificateSlot): SlotContent {
  const { maximumTries, format, usual } = PIN_RULES[slot]
  const value = given.pin ?? usual
  const triesLeft = given.triesLeft ?? maximumTries
  const { asymmetricKeyType, asymmetricKeyDetails } = given.privateKey
  if (asymmetricKeyType !== 'rsa' || asymmetricKeyDetails?.modulusLength !== 2048) {
    throw new RangeError(`the ${slot} key must be RSA with 2048 bits`)
  }
  if (!format.test(value)) throw new RangeError(`the ${slot} PIN does not match ${String(format)}`)
  if (!Number.isInteger(triesLeft) || triesLeft < 0 || triesLeft > maximumTries) {
    throw new RangeError(`the ${slot} PIN has 0 to ${String(maximumTries)} tries`)
  }
  const { certificateDer, caCertificateDer, privateKey: key } = given
  return { certificateDer, caCertificateDer, key, pin: createPin({ value, maximumTries, triesLeft }) }
}
