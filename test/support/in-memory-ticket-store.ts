import { NEXT_TICKET_STATES, type TicketState } from '../../src/sign-in/ticket-states.ts'
import type { Digest, Ticket, TicketMiss, TicketOutcome, TicketStore } from '../../src/sign-in/ticket-store.ts'

interface Row {
  readonly ticket: Ticket
  state: TicketState
  expiresAt: Date
  codeDigest?: string
  outcome?: TicketOutcome
}

/** The ticket store's contract in memory: JavaScript runs each method in one piece, as a database runs one statement. */
export function createInMemoryTicketStore(): TicketStore & { states(): TicketState[]; dump(): string } {
  const rows = new Map<string, Row>()

  const move = (row: Row, to: TicketState): void => {
    const allowed: readonly string[] = NEXT_TICKET_STATES[row.state]
    if (!allowed.includes(to)) throw new Error(`no way from ${row.state} to ${to}`)
    row.state = to
  }
  const missOf = (row: Row | undefined, now: Date): TicketMiss => {
    if (row === undefined) return 'not-found'
    if (row.state === 'issued' || row.state === 'claimed') {
      return row.expiresAt <= now ? 'expired' : row.state === 'claimed' ? 'claimed' : 'not-found'
    }
    return 'used'
  }

  return {
    create(idDigest, ticket, { expiresAt, maxPerInteraction }) {
      const open = [...rows.values()].filter((row) => row.ticket.interactionId === ticket.interactionId)
      if (open.length >= maxPerInteraction) return Promise.resolve(false)
      rows.set(key(idDigest), { ticket, state: 'issued', expiresAt })
      return Promise.resolve(true)
    },
    claim(idDigest, { now, expiresAt }) {
      const row = rows.get(key(idDigest))
      if (row?.state !== 'issued' || row.expiresAt <= now) return Promise.resolve(missOf(row, now))
      move(row, 'claimed')
      if (expiresAt < row.expiresAt) row.expiresAt = expiresAt
      return Promise.resolve({ ticket: row.ticket, expiresAt: row.expiresAt })
    },
    takeNonce(idDigest, now) {
      const row = rows.get(key(idDigest))
      if (row?.state !== 'claimed' || row.expiresAt <= now) return Promise.resolve(missOf(row, now))
      move(row, 'answered')
      return Promise.resolve(row.ticket)
    },
    settle(idDigest, outcome, { codeDigest, expiresAt }) {
      const row = rows.get(key(idDigest))
      if (row?.state !== 'answered') return Promise.resolve(false)
      move(row, outcome.state)
      Object.assign(row, { outcome, codeDigest: key(codeDigest), expiresAt })
      return Promise.resolve(true)
    },
    takeCompletion(codeDigest, now) {
      const row = [...rows.values()].find((candidate) => candidate.codeDigest === key(codeDigest))
      if (row?.outcome === undefined || row.expiresAt <= now) return Promise.resolve(undefined)
      if (row.state !== 'accepted' && row.state !== 'refused') return Promise.resolve(undefined)
      move(row, 'completed')
      const { outcome, ticket } = row
      delete row.outcome
      return Promise.resolve({ interactionId: ticket.interactionId, clientId: ticket.clientId, outcome })
    },
    deleteExpired(now, limit) {
      const expired = [...rows].filter(([, row]) => row.expiresAt < now).slice(0, limit)
      for (const [id] of expired) rows.delete(id)
      return Promise.resolve(expired.length)
    },
    states: () => [...rows.values()].map((row) => row.state),
    dump: () => JSON.stringify([...rows]),
  }
}

function key(digest: Digest): string {
  return Buffer.from(digest).toString('hex')
}
