import { randomBytes } from 'node:crypto'
import { currentRequest } from '../observability/request-context.ts'

/** Crockford's base 32 without letters that are misread aloud. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

/** A number a person can read over the phone, `7K3M-Q2XD`; it stands in every line of the log that this request still writes. */
export function newIncidentId(): string {
  const characters = [...randomBytes(8)].map((byte) => ALPHABET.charAt(byte % 32)).join('')
  const incidentId = `${characters.slice(0, 4)}-${characters.slice(4)}`
  const request = currentRequest()
  if (request !== undefined) request.incidentId = incidentId
  return incidentId
}
