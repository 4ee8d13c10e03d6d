import { randomBytes } from 'node:crypto'
import { currentRequest } from '../observability/request-context.ts'

/** Crockford's base 32 without letters that are misread aloud. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

/**
 * A number a person can read over the phone, `7K3M-Q2XD`. One request has one, however often it is asked for: the page shows it, and it
 * stands in every line of the log that the request still writes.
 */
export function newIncidentId(): string {
  const request = currentRequest()
  if (request === undefined) return draw()
  return (request.incidentId ??= draw())
}

function draw(): string {
  const characters = [...randomBytes(8)].map((byte) => ALPHABET.charAt(byte % 32)).join('')
  return `${characters.slice(0, 4)}-${characters.slice(4)}`
}
