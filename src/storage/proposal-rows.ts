import { z } from 'zod'
import type { AuditActor } from '../audit/audit-event.ts'
import { proposedActSchema } from '../administration/proposal/proposed-act.ts'
import type { Decider, NeededEyes, Proposal, ProposalState } from '../administration/proposal/proposal.ts'
import { isRole } from '../administration/role.ts'
import { TOLD_REASONS } from '../subject/notice/told-reason.ts'

const seenSchema = z.record(z.string(), z.string())

export const PROPOSAL_COLUMNS = `id, sequence, act, details, reason, told_as, proposer, proposed_by, proposer_role, proposed_at,
  expires_at, needs, account_ids, seen, state, closed_at, closed_by, approved_by, closing_reason, operation_id`

export interface ProposalRow {
  readonly id: string
  /** A bigint comes as text. */
  readonly sequence: string
  readonly act: string
  readonly details: object
  readonly reason: string
  readonly told_as: string | null
  readonly proposer: AuditActor
  readonly proposed_by: string | null
  readonly proposer_role: string | null
  readonly proposed_at: Date
  readonly expires_at: Date
  readonly needs: NeededEyes
  readonly account_ids: readonly string[]
  readonly seen: unknown
  readonly state: ProposalState
  readonly closed_at: Date | null
  readonly closed_by: AuditActor | null
  readonly approved_by: string | null
  readonly closing_reason: string | null
  readonly operation_id: string | null
}

export function proposalOf(row: ProposalRow): Proposal {
  const proposer: Decider = {
    actor: row.proposer,
    ...(row.proposed_by === null ? {} : { accountId: row.proposed_by }),
    ...(isRole(row.proposer_role) ? { role: row.proposer_role } : {}),
  }
  return {
    id: row.id,
    sequence: row.sequence,
    proposed: proposedActSchema.parse({ ...row.details, act: row.act }),
    reason: row.reason,
    toldAs: TOLD_REASONS.find((one) => one === row.told_as),
    proposer,
    proposedAt: row.proposed_at,
    expiresAt: row.expires_at,
    needs: row.needs,
    accountIds: row.account_ids,
    seen: seenSchema.parse(row.seen),
    state: row.state,
    closed: closingOf(row),
  }
}

function closingOf({ state, closed_at: at, closed_by: actor, ...row }: ProposalRow): Proposal['closed'] {
  if (state === 'open' || at === null || actor === null) return undefined
  return {
    ...{ state, at },
    by: { actor, ...(row.approved_by === null ? {} : { accountId: row.approved_by }) },
    reason: row.closing_reason ?? undefined,
    operationId: row.operation_id ?? undefined,
  }
}

/** In the order of the INSERT. */
export function valuesOf(proposal: Omit<Proposal, 'sequence' | 'closed'>): readonly unknown[] {
  const { proposed, proposer } = proposal
  const { act, ...details } = proposed
  return [
    proposal.id,
    act,
    JSON.stringify(details),
    proposal.reason,
    proposal.toldAs,
    proposer.actor,
    proposer.accountId,
    proposer.role,
    proposal.proposedAt,
    proposal.expiresAt,
    proposal.needs,
    proposal.accountIds,
    JSON.stringify(proposal.seen),
    proposal.state,
  ]
}
