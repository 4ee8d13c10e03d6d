/**
 * Answer to reset of a My Number Card, the one OpenSC's jpki driver matches (jpki.md §1.1).
 * T=1 only, no historical bytes; the last byte is TCK, the exclusive-or of all bytes after TS (ISO/IEC 7816-3 §8.2.5).
 */
export const MY_NUMBER_CARD_ATR: readonly number[] = [0x3b, 0xe0, 0x00, 0xff, 0x81, 0x31, 0xfe, 0x45, 0x14]
