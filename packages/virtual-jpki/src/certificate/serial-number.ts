import type { KeyStore } from '../key/create-key-store.ts'

/** Smallest number of four octets; with the largest below it, 8 or 9 decimal digits as on real cards (jpki.md §2.3). */
const LEAST = 0x0100_0000
const MOST = 999_999_999

/** A positive serial number of four octets that depends on seed, label and attempt alone. */
export function serialNumberFor(keys: KeyStore, label: string, attempt: number): bigint {
  const drawn = keys.octets(`serial ${attempt} ${label}`, 6).readUIntBE(0, 6)
  return BigInt(LEAST + (drawn % (MOST - LEAST + 1)))
}
