import { constants, privateEncrypt } from 'node:crypto'
import type { Command } from '../apdu/parse-command.ts'
import { answer, answerWith, STATUS } from '../apdu/status-words.ts'
import { findFile, type CardMemory } from './card-memory.ts'

const PAD_VERBATIM = 0x00
const SIGNATURE_LENGTH = 256
// RFC 8017 §9.2: a 2048-bit key leaves 256 − 11 bytes.
const MAX_INPUT_LENGTH = SIGNATURE_LENGTH - 11

/**
 * COMPUTE DIGITAL SIGNATURE, `80 2A 00 80` (jpki.md §1.3, §1.4). The card adds PKCS #1 v1.5 padding of block type 1 to
 * whatever it is handed, hashes nothing and looks at nothing: a blind signing oracle, as the real one. P1 01–05, known from
 * one source only, are not built.
 */
export function computeSignature(memory: CardMemory, command: Command): Buffer {
  if (command.p1 !== PAD_VERBATIM) return answer(STATUS.wrongP1P2)
  const found = findFile(memory, command.p2)
  if ('refused' in found) return answer(found.refused)
  if (found.file.kind !== 'key') return answer(STATUS.incompatibleFile)
  if (command.le === undefined || command.data.length === 0) return answer(STATUS.wrongLength)
  if (!found.file.usableAfter.verified) return answer(STATUS.securityNotSatisfied)
  if (command.data.length > MAX_INPUT_LENGTH) return answer(STATUS.conditionsNotSatisfied)
  if (command.le !== SIGNATURE_LENGTH) return answer(STATUS.correctLength)
  const { key } = found.file
  return answerWith(privateEncrypt({ key, padding: constants.RSA_PKCS1_PADDING }, command.data))
}
