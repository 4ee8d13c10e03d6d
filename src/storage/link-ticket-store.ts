import { Refusal } from '../error-registry/refusal.ts'
import {
  MAX_ADDRESSES,
  type Confirmation,
  type InsertedLinkTicket,
  type LinkTicketStore,
  type NewLinkTicket,
} from '../relying-party/link/link-ticket-store.ts'
import type { LinkRefusalCode, LinkTicket, LinkTicketState } from '../relying-party/link/link-ticket.ts'
import { appendAuditEvents } from './audit-log.ts'
import { confirmLink } from './confirm-link.ts'
import type { Database, Queryable } from './database.ts'
import { unlessOutpaced } from './outpaced.ts'

/** For so long after its time the site is told what became of a ticket. */
const KEPT_MS = 24 * 60 * 60_000
const MAX_TRIES = 3

/** Link tickets in PostgreSQL, also where there is a Redis: what ends for good is decided here (docs/adr/0005). */
export function createLinkTicketStore(database: Database): LinkTicketStore {
  return {
    insert: (ticket) => database.transaction((transaction) => insert(transaction, ticket)),

    async find(id) {
      const { rows } = await database.query<TicketRow>(`${SELECT} WHERE id = $1`, [id])
      return rows[0] && ticketOf(rows[0])
    },

    async findBySecret(secret) {
      const { rows } = await database.query<TicketRow>(
        `${SELECT} WHERE id = (SELECT ticket_id FROM link_ticket_secrets WHERE digest = $1)`,
        [secret],
      )
      return rows[0] && ticketOf(rows[0])
    },

    end: (id, how, at, actor) =>
      database.transaction(async (transaction) => {
        const { rows } = await transaction.query<{ client_id: string }>(
          `UPDATE link_tickets SET state = $2, ended_at = $3 WHERE id = $1 AND state = 'open' AND expires_at > $3
           RETURNING client_id`,
          [id, how, at],
        )
        const [ended] = rows
        if (ended === undefined) return false
        const event = { type: 'link_ticket.ended', clientId: ended.client_id, ticketId: id, how } as const
        await appendAuditEvents(transaction, [event], at, actor)
        return true
      }),

    async confirm(request): Promise<Confirmation> {
      for (let tries = 0; tries < MAX_TRIES; tries++) {
        const confirmed = await unlessOutpaced(database, (transaction) => confirmLink(transaction, request))
        if (confirmed !== undefined) return confirmed
      }
      throw new Refusal('SERVER_STORAGE_UNAVAILABLE', 'a link comes and goes all the time')
    },

    async deleteExpired(now, limit) {
      const { rowCount } = await database.query(
        `DELETE FROM link_tickets WHERE id IN (
           SELECT id FROM link_tickets WHERE expires_at <= $1 LIMIT $2 FOR UPDATE SKIP LOCKED
         )`,
        [new Date(now.getTime() - KEPT_MS), limit],
      )
      return rowCount ?? 0
    },
  }
}

async function insert(transaction: Queryable, ticket: NewLinkTicket): Promise<InsertedLinkTicket> {
  const { id, clientId, externalId, label, returnUrl, createdAt, expiresAt, idempotency, actor } = ticket
  const { rows } = await transaction.query<TicketRow>(
    `INSERT INTO link_tickets
       (id, client_id, external_id, label, return_url, created_at, expires_at, idempotency_digest, request_digest)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
     ON CONFLICT (client_id, idempotency_digest) WHERE idempotency_digest IS NOT NULL DO NOTHING RETURNING *`,
    [id, clientId, externalId, label, returnUrl, createdAt, expiresAt, idempotency?.key, idempotency?.request],
  )
  const [made] = rows
  if (made === undefined) return repeat(transaction, ticket)
  await insertSecret(transaction, id, ticket.secret)
  await appendAuditEvents(transaction, [{ type: 'link_ticket.made', clientId, ticketId: id }], createdAt, actor)
  return { outcome: 'made', ticket: ticketOf(made) }
}

/** The key is taken. Of several that repeat at once, each waits for the one before. */
async function repeat(
  transaction: Queryable,
  { clientId, idempotency, secret }: NewLinkTicket,
): Promise<InsertedLinkTicket> {
  const { rows } = await transaction.query<TicketRow & { request_digest: Buffer }>(
    `SELECT * FROM link_tickets WHERE client_id = $1 AND idempotency_digest = $2 FOR UPDATE`,
    [clientId, idempotency?.key],
  )
  const [known] = rows
  // or it was cleaned away just now: then its key belongs to a request of days ago
  if (known?.request_digest.equals(idempotency?.request ?? Buffer.of()) !== true) return { outcome: 'mismatch' }
  const { rows: addresses } = await transaction.query<{ count: number }>(
    'SELECT count(*)::int AS count FROM link_ticket_secrets WHERE ticket_id = $1',
    [known.id],
  )
  if ((addresses[0]?.count ?? 0) >= MAX_ADDRESSES) return { outcome: 'too-often' }
  await insertSecret(transaction, known.id, secret)
  return { outcome: 'repeated', ticket: ticketOf(known) }
}

async function insertSecret(transaction: Queryable, ticketId: string, digest: Uint8Array): Promise<void> {
  await transaction.query('INSERT INTO link_ticket_secrets (digest, ticket_id) VALUES ($1, $2)', [digest, ticketId])
}

const SELECT = `SELECT id, client_id, external_id, label, return_url, state, refusal_code, created_at, expires_at, ended_at
  FROM link_tickets`

interface TicketRow {
  readonly id: string
  readonly client_id: string
  readonly external_id: string
  readonly label: string | null
  readonly return_url: string | null
  readonly state: LinkTicketState
  readonly refusal_code: LinkRefusalCode | null
  readonly created_at: Date
  readonly expires_at: Date
  readonly ended_at: Date | null
}

function ticketOf(row: TicketRow): LinkTicket {
  return {
    id: row.id,
    clientId: row.client_id,
    externalId: row.external_id,
    label: row.label ?? undefined,
    returnUrl: row.return_url ?? undefined,
    state: row.state,
    code: row.refusal_code ?? undefined,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    endedAt: row.ended_at ?? undefined,
  }
}
