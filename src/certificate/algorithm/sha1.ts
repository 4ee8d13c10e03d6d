import { hash } from 'node:crypto'

/** For names of keys and issuers (RFC 5280 §4.2.1.2, RFC 6960 §4.1.1), never for signatures: it proves nothing. */
export function sha1(octets: Uint8Array): Uint8Array {
  return hash('sha1', octets, 'buffer')
}
