import { STATUS } from '../apdu/status-words.ts'
import type { ElementaryFile } from './elementary-files.ts'
import type { Pin } from './pin.ts'

/** What the card remembers while it has power. */
export interface CardMemory {
  readonly files: Map<number, ElementaryFile>
  readonly pins: readonly Pin[]
  /** Whether the JPKI application is selected; without it no file can be reached. */
  applicationSelected: boolean
  currentFile: number | undefined
}

/** A file, or the status word that says why there is none. */
export type FoundFile = { readonly file: ElementaryFile } | { readonly refused: number }

// A reference byte: 80 stands for the current file, 81–9E for a short identifier 01–1E, which then becomes the current
// file (JICSAP 1.1 §4.2 (2), Tables 5 and 19; measured as P2=97 and 9A by myna-card).
const CURRENT = 0x80
const LAST_SHORT_IDENTIFIER = 0x9e

/** Finds the file that a reference byte (P2 of VERIFY and of the signature command, P1 of READ BINARY) names. */
export function findFile(memory: CardMemory, reference: number): FoundFile {
  if (reference < CURRENT || reference > LAST_SHORT_IDENTIFIER) return { refused: STATUS.wrongP1P2 }
  if (reference === CURRENT) return findCurrentFile(memory)
  const identifier = reference & 0x1f
  const file = memory.applicationSelected ? memory.files.get(identifier) : undefined
  if (!file) return { refused: STATUS.fileNotFound }
  memory.currentFile = identifier
  return { file }
}

/** The file selected last, or 6986. */
export function findCurrentFile(memory: CardMemory): FoundFile {
  const file = memory.currentFile === undefined ? undefined : memory.files.get(memory.currentFile)
  return file ? { file } : { refused: STATUS.noCurrentFile }
}

/** Drops the selection and every verified PIN: reset, loss of power, and selection of the application (jpki.md §1.1). */
export function forgetSession(memory: CardMemory): void {
  memory.applicationSelected = false
  memory.currentFile = undefined
  for (const pin of memory.pins) pin.forget()
}
