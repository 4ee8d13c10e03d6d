import { isErrorCode } from '../error-registry/registry.ts'
import type { Digest, Ticket, TicketMiss, TicketOutcome, TicketStore } from '../sign-in/ticket-store.ts'
import type { Database } from './database.ts'
import { missOfState } from './miss-of-state.ts'

/** Tickets in PostgreSQL. Each move is one `UPDATE … WHERE state = …`: PostgreSQL lets one of N through, the others find no row. */
export function createSignInTicketStore(database: Database): TicketStore {
  return {
    async create(idDigest, { interactionId, clientId, ...ticket }, { expiresAt, maxPerInteraction }) {
      // Two at once may both see room and make one too many: the limit keeps a table small, it guards no right.
      const { rowCount } = await database.query(
        `INSERT INTO sign_in_tickets (id_digest, state, interaction_id, client_id, ticket, expires_at)
         SELECT $1, 'issued', $2, $3, $4, $5
         WHERE (SELECT count(*) FROM sign_in_tickets WHERE interaction_id = $2) < $6`,
        [idDigest, interactionId, clientId, JSON.stringify(ticket), expiresAt, maxPerInteraction],
      )
      return rowCount === 1
    },

    async claim(idDigest, { now, expiresAt }) {
      const { rows } = await database.query<TicketRow & { expires_at: Date }>(
        `UPDATE sign_in_tickets SET state = 'claimed', expires_at = least(expires_at, $3)
         WHERE id_digest = $1 AND state = 'issued' AND expires_at > $2
         RETURNING interaction_id, client_id, ticket, expires_at`,
        [idDigest, now, expiresAt],
      )
      const [row] = rows
      return row === undefined ? missOf(database, idDigest, now) : { ticket: ticketOf(row), expiresAt: row.expires_at }
    },

    async takeNonce(idDigest, now) {
      const { rows } = await database.query<TicketRow>(
        `UPDATE sign_in_tickets SET state = 'answered'
         WHERE id_digest = $1 AND state = 'claimed' AND expires_at > $2
         RETURNING interaction_id, client_id, ticket`,
        [idDigest, now],
      )
      const [row] = rows
      return row === undefined ? missOf(database, idDigest, now) : ticketOf(row)
    },

    async settle(idDigest, outcome, { codeDigest, now, expiresAt }) {
      const { rowCount } = await database.query(
        `UPDATE sign_in_tickets
         SET state = $2, sealed_evidence = $3, refusal_code = $4, code_digest = $5, expires_at = $7
         WHERE id_digest = $1 AND state = 'answered' AND expires_at > $6`,
        [
          idDigest,
          outcome.state,
          outcome.state === 'accepted' ? outcome.sealedEvidence : null,
          outcome.state === 'refused' ? outcome.code : null,
          codeDigest,
          now,
          expiresAt,
        ],
      )
      return rowCount === 1
    },

    async takeCompletion(codeDigest, now) {
      // The evidence leaves with the completion: RETURNING shows what an UPDATE wrote, so the old row is locked and read first.
      const { rows } = await database.query<CompletionRow>(
        `WITH taken AS (
           SELECT id_digest, interaction_id, client_id, refusal_code, sealed_evidence FROM sign_in_tickets
           WHERE code_digest = $1 AND state IN ('accepted', 'refused') AND expires_at > $2
           FOR UPDATE
         )
         UPDATE sign_in_tickets SET state = 'completed', sealed_evidence = NULL FROM taken
         WHERE sign_in_tickets.id_digest = taken.id_digest
         RETURNING taken.interaction_id, taken.client_id, taken.refusal_code, taken.sealed_evidence`,
        [codeDigest, now],
      )
      const [row] = rows
      return row && { interactionId: row.interaction_id, clientId: row.client_id, outcome: outcomeOf(row) }
    },

    async deleteExpired(now, limit) {
      const { rowCount } = await database.query(
        `DELETE FROM sign_in_tickets WHERE id_digest IN (
           SELECT id_digest FROM sign_in_tickets WHERE expires_at < $1 ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED
         )`,
        [now, limit],
      )
      return rowCount ?? 0
    },
  }
}

interface TicketRow {
  readonly interaction_id: string
  readonly client_id: string
  readonly ticket: Omit<Ticket, 'interactionId' | 'clientId'>
}

interface CompletionRow extends Omit<TicketRow, 'ticket'> {
  readonly refusal_code: string | null
  readonly sealed_evidence: Buffer | null
}

function ticketOf({ interaction_id, client_id, ticket }: TicketRow): Ticket {
  return { interactionId: interaction_id, clientId: client_id, ...ticket }
}

function outcomeOf({ sealed_evidence, refusal_code }: CompletionRow): TicketOutcome {
  if (sealed_evidence !== null) return { state: 'accepted', sealedEvidence: sealed_evidence }
  // a code that a newer release wrote and this one does not know
  return { state: 'refused', code: refusal_code !== null && isErrorCode(refusal_code) ? refusal_code : 'SERVER_FAILED' }
}

/** Asked only after the move failed: it explains, it decides nothing. */
async function missOf(database: Database, idDigest: Digest, now: Date): Promise<TicketMiss> {
  const { rows } = await database.query<{ state: string; expired: boolean }>(
    'SELECT state, expires_at <= $2 AS expired FROM sign_in_tickets WHERE id_digest = $1',
    [idDigest, now],
  )
  const [row] = rows
  return row === undefined ? 'not-found' : missOfState(row.state, row.expired)
}
