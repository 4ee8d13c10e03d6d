import { allocateSecret } from './allocate-secret.ts'

/** jpki.md §1.6: exactly 4 digits. */
export const PIN_DIGITS = 4

/**
 * @returns a copy of four ASCII digits, for the caller to zero; undefined for anything else
 */
export function parsePin(typed: Uint8Array): Buffer | undefined {
  if (typed.length !== PIN_DIGITS || !typed.every((byte) => byte >= 0x30 && byte <= 0x39)) return undefined
  const pin = allocateSecret(PIN_DIGITS)
  pin.set(typed)
  return pin
}
