import { Refusal } from '../../error-registry/refusal.ts'
import { mayRole } from '../permissions.ts'
import type { Decider, Proposal } from './proposal.ts'
import type { ProposalTransaction } from './proposal-store.ts'

const SERVICE = 'service:'

/**
 * Two want it: whoever may not propose any more does not count, nor does a program that whoever approves may speak for, because its secret
 * has been in their hands.
 *
 * @throws Refusal ADMIN_PROPOSER_GONE, ADMIN_OWN_PROPOSAL
 */
export async function requireProposer(
  inside: ProposalTransaction,
  { proposer: { accountId, actor } }: Proposal,
  { by, survivors }: { readonly by: Decider; readonly survivors: ReadonlyMap<string, string> },
): Promise<void> {
  if (accountId !== undefined) {
    const roles = await inside.rolesInForce([accountId, survivors.get(accountId) ?? accountId])
    if (![...roles.values()].some((role) => mayRole(role, 'proposals.create'))) throw new Refusal('ADMIN_PROPOSER_GONE')
  } else if (actor.startsWith(SERVICE)) {
    const program = await inside.program(actor.slice(SERVICE.length))
    if (program === undefined) throw new Refusal('ADMIN_PROPOSER_GONE', 'no program at the admin API any more')
    if (by.accountId !== undefined && program.keepers.includes(by.actor)) {
      throw new Refusal('ADMIN_OWN_PROPOSAL', 'whoever keeps a program does not approve what it proposes')
    }
  }
}
