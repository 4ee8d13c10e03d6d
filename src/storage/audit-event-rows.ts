import type { StoredEvent } from '../audit/seal/stored-event.ts'

/** All of a record; the time with every digit that is kept, which a `Date` would cut. */
export const EVENT_COLUMNS = `sequence, to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS at, type, actor,
  account_id, credential_id, client_id, details`

export interface EventRow {
  readonly sequence: string
  readonly at: string
  readonly type: string
  readonly actor: string
  readonly account_id: string | null
  readonly credential_id: string | null
  readonly client_id: string | null
  readonly details: Record<string, unknown>
}

export function eventOf({ sequence, at, type, actor, details, ...row }: EventRow): StoredEvent {
  return {
    sequence: BigInt(sequence),
    at,
    type,
    actor,
    accountId: row.account_id,
    credentialId: row.credential_id,
    clientId: row.client_id,
    details,
  }
}
