import { z } from 'zod'

const id = z.uuid()
const relation = z.enum(['renewed_by', 'reissued_as', 'linked_by_admin', 'hand_over'])
const reason = z.string().min(1).max(1000)

/** What happens to accounts and credentials over the years (src/subject). */
export const SUBJECT_EVENTS = [
  /** `credentialId` is the newer one. */
  z.strictObject({ type: z.literal('credential.linked'), accountId: id, credentialId: id, olderId: id, relation }),
  z.strictObject({ type: z.literal('credential.superseded'), accountId: id, credentialId: id }),
  /** One chain, or one person, reached two accounts. */
  z.strictObject({ type: z.literal('account.merge_candidate'), accountId: id, otherAccountId: id }),

  /** Closed, and the grace has passed: its cards are strangers. */
  z.strictObject({ type: z.literal('account.erased'), accountId: id }),

  z.strictObject({ type: z.literal('hand_over.created'), accountId: id, credentialId: id }),
  z.strictObject({ type: z.literal('hand_over.redeemed'), accountId: id, credentialId: id, olderId: id }),

  /** By hand, each with its operation (account_operations) and the reason that was given. */
  z.strictObject({
    type: z.enum([
      'account.merged',
      'account.split',
      'account.suspended',
      'account.reopened',
      'account.closed',
      'credential.linked_by_hand',
      'credential.unlinked',
      'operation.undone',
    ]),
    accountId: id,
    operationId: id,
    reason,
    /** The account merged into, split off, or linked from. */
    otherAccountId: id.optional(),
    credentialId: id.optional(),
    /** The operation that was undone. */
    undoes: id.optional(),
  }),
] as const
