import { z } from 'zod'

const id = z.uuid()
const reason = z.string().min(1).max(1000)

/** `accountId` is the one that it is mainly about; `role` the administrator's who did this. */
const proposal = {
  accountId: id,
  proposalId: id,
  act: z.enum(['link', 'unlink', 'merge', 'split', 'suspend', 'reopen', 'close', 'undo']),
  role: z.enum(['viewer', 'operator', 'linker', 'approver', 'owner']).optional(),
}

/** Two pairs of eyes (src/administration/proposal). What was done besides has the event of its own (subject-events.ts). */
export const PROPOSAL_EVENTS = [
  /** `needs` `nobody`: done at once. */
  z.strictObject({
    type: z.literal('proposal.made'),
    ...proposal,
    needs: z.enum(['nobody', 'administrator', 'owner']),
    reason,
  }),
  z.strictObject({ type: z.literal('proposal.approved'), ...proposal, operationId: id }),
  z.strictObject({ type: z.literal('proposal.rejected'), ...proposal, reason }),
  z.strictObject({ type: z.enum(['proposal.withdrawn', 'proposal.expired']), ...proposal }),
  /** Two accounts that one chain reached are two people after all. */
  z.strictObject({ type: z.literal('merge_candidate.dismissed'), accountId: id, otherAccountId: id, reason }),
] as const
