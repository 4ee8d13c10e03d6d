import type { Command } from '../apdu/parse-command.ts'
import { answer, STATUS } from '../apdu/status-words.ts'
import { findFile, type CardMemory } from './card-memory.ts'

/** What differs between generations of the card (jpki.md §1.3, §1.5). */
export interface VerifyBehaviour {
  /** Answer to VERIFY with a value once no try is left. */
  readonly lockedStatus: '6983' | '6984'
  /** Answer to the retry query while the PIN is verified; OpenSC understands only the first. */
  readonly queryWhenVerified: '63Cx' | '9000'
}

/**
 * VERIFY, `00 20 00 80` (jpki.md §1.3). Without a data field it only asks for the tries left and spends none: four bytes,
 * or five with a 00 that a reader's driver put behind them.
 */
export function verifyPin(memory: CardMemory, command: Command, behaviour: VerifyBehaviour): Buffer {
  if (command.p1 !== 0x00) return answer(STATUS.wrongP1P2)
  const found = findFile(memory, command.p2)
  if ('refused' in found) return answer(found.refused)
  if (found.file.kind !== 'pin') return answer(STATUS.incompatibleFile)
  const { pin } = found.file
  if (command.data.length === 0) {
    const acknowledged = pin.verified && behaviour.queryWhenVerified === '9000'
    return answer(acknowledged ? STATUS.ok : STATUS.wrongPin | pin.triesLeft)
  }
  if (command.le !== undefined) return answer(STATUS.wrongLength)
  if (pin.triesLeft === 0) {
    return answer(behaviour.lockedStatus === '6983' ? STATUS.pinBlocked : STATUS.referenceInvalidated)
  }
  // A value of the wrong length is a wrong value: the card does not forgive what the caller failed to check.
  return answer(pin.present(command.data) ? STATUS.ok : STATUS.wrongPin | pin.triesLeft)
}
