import { createHash } from 'node:crypto'
import type { AuditActor } from '../../audit/audit-event.ts'
import { RateLimited } from '../../error-registry/rate-limited.ts'
import { Refusal } from '../../error-registry/refusal.ts'
import { createToken, digestToken, isToken, type RandomBytes } from '../../sign-in/random-token.ts'
import type { ClientLookup, ServedClient } from '../client-registry.ts'
import { digestLinkRequest, readLinkRequest } from './link-request.ts'
import type { Confirmation, LinkTicketStore } from './link-ticket-store.ts'
import { whyOver, type LinkTicket } from './link-ticket.ts'

export interface LinkTicketsDependencies {
  readonly store: LinkTicketStore
  readonly clients: ClientLookup
  /** An origin. */
  readonly issuer: string
  readonly now: () => Date
  readonly random: RandomBytes
  /** Random UUIDs. */
  readonly newId: () => string
  /** For whoever counts: how tickets come and go. */
  readonly onOutcome?: (outcome: LinkOutcome) => void
}

export type LinkOutcome = 'made' | 'linked' | 'already_linked' | 'refused' | 'stopped' | 'cancelled'

/** A ticket with its address, which nobody is told a second time. */
export interface MadeLinkTicket {
  readonly ticket: LinkTicket
  readonly url: string
  /** The same request came before, under the same key. */
  readonly isRepeated: boolean
}

/** A ticket that can be used, and the site that asks. Its way back is one that is registered now. */
export interface OpenedLinkTicket {
  readonly ticket: LinkTicket
  readonly client: ServedClient
}

/** Where a person opens a ticket; what is secret follows. */
export const LINK_PATH = '/link'

/** Link tickets: made and ended by a site or the operator, opened and decided by a person. */
export interface LinkTickets {
  /**
   * @param unverified what the site asked for, not yet looked at
   * @throws FieldsRefused, Refusal LINK_RETURN_URL_UNREGISTERED, CLIENT_NOT_FOUND, CLIENT_IDEMPOTENCY_MISMATCH
   */
  make(
    clientId: string,
    unverified: unknown,
    options: { readonly actor: AuditActor; readonly idempotencyKey?: string | undefined },
  ): Promise<MadeLinkTicket>
  /** Of this site only. @throws Refusal LINK_TICKET_NOT_FOUND */
  show(clientId: string, id: string): Promise<LinkTicket>
  /** @throws Refusal LINK_TICKET_NOT_FOUND, or why it is over already */
  cancel(clientId: string, id: string, actor: AuditActor): Promise<void>

  /** Changes nothing. @throws Refusal LINK_TICKET_NOT_FOUND, LINK_TICKET_EXPIRED, LINK_TICKET_USED, LINK_TICKET_CANCELLED */
  open(secret: string): Promise<OpenedLinkTicket>
  /** The person does not want it. @throws as `open` does */
  stop(secret: string): Promise<OpenedLinkTicket>
  /** The person wants it. @throws as `open` does, and Refusal LINK_ACCOUNT_SUSPENDED */
  confirm(
    secret: string,
    accountId: string,
  ): Promise<OpenedLinkTicket & { readonly result: Exclude<Confirmation, { outcome: 'over' | 'no-account' }> }>
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
const RETRY_AFTER_SECONDS = 60

export function createLinkTickets(deps: LinkTicketsDependencies): LinkTickets {
  const { store, clients, issuer, now, random, newId } = deps
  const tell = (outcome: LinkOutcome): void => deps.onOutcome?.(outcome)

  const show = async (clientId: string, id: string): Promise<LinkTicket> => {
    const ticket = UUID.test(id) ? await store.find(id) : undefined
    // one answer for "no such ticket" and "not yours"
    if (ticket?.clientId !== clientId) throw new Refusal('LINK_TICKET_NOT_FOUND')
    return ticket
  }

  /** What became of it in the meantime. */
  const refuseOver = async (id: string): Promise<never> => {
    const ticket = await store.find(id)
    throw new Refusal((ticket && whyOver(ticket, now())) ?? 'LINK_TICKET_NOT_FOUND')
  }

  const open = async (secret: string): Promise<OpenedLinkTicket> => {
    const ticket = isToken(secret) ? await store.findBySecret(digestToken(secret)) : undefined
    const client = ticket && (await clients.find(ticket.clientId))
    if (ticket === undefined || client === undefined) throw new Refusal('LINK_TICKET_NOT_FOUND')
    const over = whyOver(ticket, now())
    if (over !== undefined) throw new Refusal(over)
    // what was taken out of the registration since is nobody's way back any more
    const returnUrl = client.linkReturnUris.find((registered) => registered === ticket.returnUrl)
    return { ticket: { ...ticket, returnUrl }, client }
  }

  return {
    show,
    open,

    async make(clientId, unverified, { actor, idempotencyKey }) {
      const request = readLinkRequest(unverified)
      const client = await clients.find(clientId)
      if (client === undefined) throw new Refusal('CLIENT_NOT_FOUND')
      const { externalId, label, returnUrl, expiresInSeconds } = request
      // exactly as registered, like a redirect address (RFC 9700 §2.1)
      if (returnUrl !== undefined && !client.linkReturnUris.includes(returnUrl))
        throw new Refusal('LINK_RETURN_URL_UNREGISTERED')
      const createdAt = now()
      const secret = createToken(random)
      const inserted = await store.insert({
        id: newId(),
        clientId,
        externalId,
        label,
        returnUrl,
        createdAt,
        expiresAt: new Date(createdAt.getTime() + expiresInSeconds * 1000),
        secret: digestToken(secret),
        idempotency:
          idempotencyKey === undefined
            ? undefined
            : { key: digestKey(idempotencyKey), request: digestLinkRequest(request) },
        actor,
      })
      if (inserted.outcome === 'mismatch') throw new Refusal('CLIENT_IDEMPOTENCY_MISMATCH')
      if (inserted.outcome === 'too-often')
        throw new RateLimited('SIGNIN_RATE_LIMITED', RETRY_AFTER_SECONDS, 'one request was repeated too often')
      const isRepeated = inserted.outcome === 'repeated'
      if (!isRepeated) tell('made')
      return { ticket: inserted.ticket, url: `${issuer}${LINK_PATH}/${secret}`, isRepeated }
    },

    async cancel(clientId, id, actor) {
      const ticket = await show(clientId, id)
      const over = whyOver(ticket, now())
      if (over !== undefined) throw new Refusal(over)
      if (!(await store.end(id, 'cancelled', now(), actor))) await refuseOver(id)
      tell('cancelled')
    },

    async stop(secret) {
      const opened = await open(secret)
      if (!(await store.end(opened.ticket.id, 'stopped', now(), 'person'))) await refuseOver(opened.ticket.id)
      tell('stopped')
      return opened
    },

    async confirm(secret, accountId) {
      const opened = await open(secret)
      const { id } = opened.ticket
      const result = await store.confirm({ id, accountId, at: now() })
      if (result.outcome === 'over') return refuseOver(id)
      if (result.outcome === 'no-account') throw new Refusal('LINK_ACCOUNT_SUSPENDED')
      tell(result.outcome === 'linked' && result.already ? 'already_linked' : result.outcome)
      return { ...opened, result }
    },
  }
}

function digestKey(idempotencyKey: string): Uint8Array {
  return createHash('sha256').update(idempotencyKey, 'utf8').digest()
}
