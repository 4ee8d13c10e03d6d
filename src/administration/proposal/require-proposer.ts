import { Refusal } from '../../error-registry/refusal.ts'
import type { Proposal } from './proposal.ts'
import type { ProposalTransaction } from './proposal-store.ts'

/**
 * Two administrators want it: whoever lost their role since does not count any more.
 *
 * @throws Refusal ADMIN_PROPOSER_GONE
 */
export async function requireProposer(
  inside: ProposalTransaction,
  { proposer: { accountId } }: Proposal,
  survivors: ReadonlyMap<string, string>,
): Promise<void> {
  if (accountId === undefined) return
  const { size } = await inside.roles([accountId, survivors.get(accountId) ?? accountId])
  if (size === 0) throw new Refusal('ADMIN_PROPOSER_GONE')
}
