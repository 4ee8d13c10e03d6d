import type { GraphAct } from '../../subject/graph/account-graph-store.ts'
import type { AdministratorsConcerned } from './protect-administrators.ts'
import type { Decider, NeededEyes } from './proposal.ts'

/** Who else has to look, by the policy (ADMIN_APPROVALS); what concerns an administrator's account always needs an owner. */
export function neededEyes(
  act: GraphAct,
  policy: ReadonlySet<GraphAct>,
  { roles }: Pick<AdministratorsConcerned, 'roles'>,
  proposer: Decider,
): NeededEyes {
  if (roles.size > 0) return 'owner'
  // a program has no eyes
  return policy.has(act) || proposer.accountId === undefined ? 'administrator' : 'nobody'
}
