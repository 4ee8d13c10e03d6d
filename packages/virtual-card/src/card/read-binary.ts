import type { Command } from '../apdu/parse-command.ts'
import { answer, answerWith, STATUS } from '../apdu/status-words.ts'
import { findCurrentFile, findFile, type CardMemory } from './card-memory.ts'

/** What an Le beyond the end of the file brings: the bytes there are (JICSAP 1.1 §6.4.1 (4)), or 6Cxx with their number. */
export type ReadPastEnd = 'truncate' | 'correct-length'

const SHORT_IDENTIFIER = 0x80

/** READ BINARY, `00 B0` with a 15-bit offset, or a short file identifier and an 8-bit one (jpki.md §1.3). */
export function readBinary(memory: CardMemory, command: Command, pastEnd: ReadPastEnd): Buffer {
  if (command.data.length > 0 || command.le === undefined) return answer(STATUS.wrongLength)
  const byShortIdentifier = command.p1 >= SHORT_IDENTIFIER
  // 80 alone would mean short identifier 0, which does not exist.
  if (command.p1 === SHORT_IDENTIFIER) return answer(STATUS.wrongP1P2)
  const found = byShortIdentifier ? findFile(memory, command.p1) : findCurrentFile(memory)
  if ('refused' in found) return answer(found.refused)
  const { file } = found
  if (file.kind !== 'data') return answer(STATUS.incompatibleFile)
  if (file.readableAfter?.verified === false) return answer(STATUS.securityNotSatisfied)
  const offset = byShortIdentifier ? command.p2 : (command.p1 << 8) | command.p2
  if (offset >= file.content.length) return answer(STATUS.wrongOffset)
  const bytes = file.content.subarray(offset, offset + command.le)
  if (bytes.length < command.le && pastEnd === 'correct-length') return answer(STATUS.correctLength | bytes.length)
  return answerWith(bytes)
}
