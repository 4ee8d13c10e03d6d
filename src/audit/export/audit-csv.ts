import { canonicalJson } from '../seal/canonical-json.ts'
import type { StoredEvent } from '../seal/stored-event.ts'

export const CSV_HEADER = 'sequence,at,type,actor,account_id,credential_id,client_id,details'

/** RFC 4180 §2, without the line's end. A field that a spreadsheet would compute gets an apostrophe in front. */
export function writeCsvLine(event: StoredEvent): string {
  return [
    event.sequence.toString(),
    event.at,
    event.type,
    event.actor,
    event.accountId ?? '',
    event.credentialId ?? '',
    event.clientId ?? '',
    canonicalJson(event.details),
  ]
    .map((field) => {
      const inert = /^[=+\-@\t\r]/.test(field) ? `'${field}` : field
      return /[",\r\n]/.test(inert) ? `"${inert.replaceAll('"', '""')}"` : inert
    })
    .join(',')
}
