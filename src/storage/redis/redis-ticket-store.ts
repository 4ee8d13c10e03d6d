import { z } from 'zod'
import { isErrorCode } from '../../error-registry/registry.ts'
import type { Digest, Ticket, TicketMiss, TicketOutcome, TicketStore } from '../../sign-in/ticket-store.ts'
import { missOfState } from '../miss-of-state.ts'
import { singleKey, ticketsKey } from './keys.ts'
import type { RunScript } from './run-script.ts'

/** An interaction lives half an hour. */
const COUNTED_MS = 30 * 60_000
/** So that "used" and "expired" can be told from "unknown" for a while. */
const KEPT_AFTER_EXPIRY_MS = 60_000

/** Tickets in Redis: each move is one step. A completion code has a record of its own, taken by one step too. */
export function createRedisTicketStore({
  run,
  now: clock,
}: {
  readonly run: RunScript
  readonly now: () => Date
}): TicketStore {
  const lifeUntil = (end: Date, from: Date): number =>
    Math.max(1, end.getTime() - from.getTime()) + KEPT_AFTER_EXPIRY_MS
  const move = async (
    idDigest: Digest,
    { from, to, end, how, now }: { from: string; to: string; end?: Date; how: 'set' | 'at most'; now: Date },
  ): Promise<{ readonly ticket: Ticket; readonly expiresAt: Date } | TicketMiss> => {
    const args = [from, to, end?.getTime() ?? 0, how]
    const reply = await run('moveTicket', [ticketKey(idDigest)], args, now)
    const [outcome, detail, endMs] = reply as readonly string[]
    if (outcome === 'moved') {
      return { ticket: JSON.parse(detail ?? '') as Ticket, expiresAt: new Date(Number(endMs)) }
    }
    return outcome === 'not-found' ? 'not-found' : missOfState(detail ?? '', outcome === 'expired')
  }

  return {
    async create(idDigest, ticket, { expiresAt, maxPerInteraction }) {
      const life = lifeUntil(expiresAt, clock())
      const [hasRoom] = await Promise.all([
        run('count', [ticketsKey(ticket.interactionId)], [COUNTED_MS, maxPerInteraction]),
        run('writeTicket', [ticketKey(idDigest)], [life, expiresAt.getTime(), JSON.stringify(ticket), 'issued']),
      ])
      if (hasRoom === 1) return true
      // nobody was told of it
      await run('delete', [ticketKey(idDigest)])
      return false
    },

    claim: (idDigest, { now, expiresAt }) =>
      move(idDigest, { from: 'issued', to: 'claimed', end: expiresAt, how: 'at most', now }),

    async takeNonce(idDigest, now) {
      const taken = await move(idDigest, { from: 'claimed', to: 'answered', how: 'at most', now })
      return typeof taken === 'string' ? taken : taken.ticket
    },

    async settle(idDigest, outcome, { interactionId, clientId, codeDigest, now, expiresAt }) {
      const completion: z.input<typeof completionSchema> = { interactionId, clientId, ...textOf(outcome) }
      // of many at once exactly one moves the ticket, and only its code is ever told
      const [settled] = await Promise.all([
        move(idDigest, { from: 'answered', to: outcome.state, end: expiresAt, how: 'set', now }),
        run(
          'write',
          [completionKey(codeDigest)],
          [lifeUntil(expiresAt, now), expiresAt.getTime(), JSON.stringify(completion), '0'],
        ),
      ])
      if (typeof settled !== 'string') return true
      await run('delete', [completionKey(codeDigest)])
      return false
    },

    async takeCompletion(codeDigest, now) {
      const taken = await run('take', [completionKey(codeDigest)], [], now)
      if (typeof taken !== 'string') return undefined
      const { interactionId, clientId, sealedEvidence, refusal } = completionSchema.parse(JSON.parse(taken))
      return {
        interactionId,
        clientId,
        outcome:
          sealedEvidence !== undefined
            ? { state: 'accepted', sealedEvidence: Buffer.from(sealedEvidence, 'base64url') }
            : // a code that a newer release wrote and this one does not know
              { state: 'refused', code: refusal !== undefined && isErrorCode(refusal) ? refusal : 'SERVER_FAILED' },
      }
    },

    // Redis forgets by itself
    deleteExpired: () => Promise.resolve(0),
  }
}

const completionSchema = z.object({
  interactionId: z.string(),
  clientId: z.string(),
  sealedEvidence: z.string().optional(),
  refusal: z.string().optional(),
})

function textOf(outcome: TicketOutcome): { sealedEvidence: string } | { refusal: string } {
  return outcome.state === 'accepted'
    ? { sealedEvidence: Buffer.from(outcome.sealedEvidence).toString('base64url') }
    : { refusal: outcome.code }
}

const ticketKey = (idDigest: Digest): string => singleKey('ticket', Buffer.from(idDigest).toString('base64url'))
const completionKey = (codeDigest: Digest): string =>
  singleKey('completion', Buffer.from(codeDigest).toString('base64url'))
