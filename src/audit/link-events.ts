import { z } from 'zod'

const id = z.uuid()
const clientId = z.string().min(1).max(255)

/** A site's users and cards that become one. What the site calls its user is never in here: the log is kept when the person is gone. */
export const LINK_EVENTS = [
  z.strictObject({ type: z.literal('link_ticket.made'), clientId, ticketId: id }),
  /** By the person who was asked, or by whoever made it. */
  z.strictObject({
    type: z.literal('link_ticket.ended'),
    clientId,
    ticketId: id,
    how: z.enum(['stopped', 'cancelled']),
  }),
  z.strictObject({
    type: z.literal('link_ticket.refused'),
    accountId: id,
    clientId,
    ticketId: id,
    code: z.enum(['LINK_CARD_TAKEN', 'LINK_USER_TAKEN']),
  }),
  z.strictObject({
    type: z.literal('external_account.linked'),
    accountId: id,
    clientId,
    ticketId: id,
    /** It was so before. */
    already: z.boolean(),
  }),
  z.strictObject({ type: z.literal('external_account.removed'), accountId: id, clientId }),
] as const
