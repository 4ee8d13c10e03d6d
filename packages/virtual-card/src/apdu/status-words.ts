/** Status words the virtual card answers with (ISO/IEC 7816-4 §5.6; jpki.md §1.5 for which of them My Number Cards use). */
export const STATUS = {
  ok: 0x9000,
  wrongPin: 0x63c0,
  wrongLength: 0x6700,
  incompatibleFile: 0x6981,
  securityNotSatisfied: 0x6982,
  pinBlocked: 0x6983,
  referenceInvalidated: 0x6984,
  conditionsNotSatisfied: 0x6985,
  noCurrentFile: 0x6986,
  fileNotFound: 0x6a82,
  wrongP1P2: 0x6a86,
  wrongOffset: 0x6b00,
  correctLength: 0x6c00,
  unknownInstruction: 0x6d00,
  unknownClass: 0x6e00,
} as const

/** An answer without data: the two bytes of `statusWord`. */
export function answer(statusWord: number): Buffer {
  return Buffer.of(statusWord >> 8, statusWord & 0xff)
}

/** An answer that carries `data` and 9000. */
export function answerWith(data: Uint8Array): Buffer {
  return Buffer.concat([data, answer(STATUS.ok)])
}
