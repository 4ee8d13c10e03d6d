import type { Command } from '../apdu/parse-command.ts'
import { answer, STATUS } from '../apdu/status-words.ts'
import { JPKI_AP_AID } from './application.ts'
import { forgetSession, type CardMemory } from './card-memory.ts'

const BY_IDENTIFIER = 0x00
const FILE_UNDER_APPLICATION = 0x02
const BY_NAME = 0x04
const NO_ANSWER_DATA = 0x0c

/** SELECT, `00 A4` (jpki.md §1.3). Only the JPKI application and its files are found; anything else is 6A82. */
export function selectFile(memory: CardMemory, command: Command): Buffer {
  switch (command.p1) {
    case BY_NAME:
      return selectApplication(memory, command)
    case FILE_UNDER_APPLICATION:
      return selectElementaryFile(memory, command)
    case BY_IDENTIFIER:
      return selectMasterFile(memory, command)
    default:
      return answer(STATUS.wrongP1P2)
  }
}

function selectApplication(memory: CardMemory, command: Command): Buffer {
  if (command.data.length === 0) return answer(STATUS.wrongLength)
  // The other applications of a real card (individual number, face of the card, resident register) are not here.
  if (!command.data.equals(JPKI_AP_AID)) return answer(STATUS.fileNotFound)
  if (command.p2 !== NO_ANSWER_DATA) return answer(STATUS.wrongP1P2)
  // Selecting the application again is its logout: OpenSC's jpki driver relies on it.
  forgetSession(memory)
  memory.applicationSelected = true
  return answer(STATUS.ok)
}

function selectElementaryFile(memory: CardMemory, command: Command): Buffer {
  if (command.data.length !== 2) return answer(STATUS.wrongLength)
  if (command.p2 !== NO_ANSWER_DATA) return answer(STATUS.wrongP1P2)
  const identifier = command.data.readUInt16BE()
  if (!memory.applicationSelected || !memory.files.has(identifier)) return answer(STATUS.fileNotFound)
  memory.currentFile = identifier
  return answer(STATUS.ok)
}

/**
 * "Select the master file" does nothing on these cards and says 9000 all the same, so it is no logout: `00 A4 00 00` was
 * measured as 6A86 after a reset and 9000 with an application selected, 3F00 as 6A82 (myna-card, `mf.rs`).
 */
function selectMasterFile(memory: CardMemory, command: Command): Buffer {
  if (command.data.length > 0) return answer(STATUS.fileNotFound)
  return answer(memory.applicationSelected ? STATUS.ok : STATUS.wrongP1P2)
}
