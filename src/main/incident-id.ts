import { randomBytes } from 'node:crypto'

/** Crockford's base 32 without letters that are misread aloud. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

/** A number a person can read over the phone, `7K3M-Q2XD`; it stands in the log beside the detail. */
export function newIncidentId(): string {
  const characters = [...randomBytes(8)].map((byte) => ALPHABET.charAt(byte % 32)).join('')
  return `${characters.slice(0, 4)}-${characters.slice(4)}`
}
