import { z } from 'zod'
import type { GraphSeeds } from '../../subject/graph/account-graph-store.ts'
import type { AccountGraph, Author } from '../../subject/graph/create-account-graph.ts'

const id = z.uuid()
/** So many cards of one account are named at most. */
const MAX_CARDS = 500

/** What is proposed, exactly as it will be done. */
export const proposedActSchema = z.discriminatedUnion('act', [
  z.strictObject({ act: z.literal('link'), credentialId: id, accountId: id, supersedes: id.optional() }),
  z.strictObject({ act: z.literal('unlink'), credentialId: id }),
  z.strictObject({ act: z.literal('merge'), accountId: id, into: id }),
  z.strictObject({ act: z.literal('split'), accountId: id, credentialIds: z.array(id).min(1).max(MAX_CARDS) }),
  z.strictObject({ act: z.enum(['suspend', 'reopen', 'close']), accountId: id }),
  z.strictObject({ act: z.literal('undo'), operationId: id }),
])

export type ProposedAct = z.infer<typeof proposedActSchema>

/** @returns the operation's id */
export async function performAct(graph: AccountGraph, proposed: ProposedAct, by: Author): Promise<string> {
  switch (proposed.act) {
    case 'link': {
      const { credentialId, accountId, supersedes } = proposed
      return graph.link({ credentialId, accountId, ...(supersedes === undefined ? {} : { supersedes }) }, by)
    }
    case 'unlink':
      return graph.unlink({ credentialId: proposed.credentialId }, by)
    case 'merge':
      return graph.merge({ accountId: proposed.accountId, into: proposed.into }, by)
    case 'split': {
      const { accountId, credentialIds } = proposed
      return (await graph.split({ accountId, credentialIds }, by)).operationId
    }
    case 'suspend':
    case 'reopen':
    case 'close':
      return graph[proposed.act](proposed.accountId, by)
    case 'undo':
      return graph.undo(proposed.operationId, by)
  }
}

/** Which families it is about; those of an undoing stand in its operation. */
export function seedsOfAct(proposed: Exclude<ProposedAct, { act: 'undo' }>): GraphSeeds {
  switch (proposed.act) {
    case 'link': {
      const { credentialId, accountId, supersedes } = proposed
      return {
        accountIds: [accountId],
        credentialIds: [credentialId, ...(supersedes === undefined ? [] : [supersedes])],
      }
    }
    case 'unlink':
      return { credentialIds: [proposed.credentialId] }
    case 'merge':
      return { accountIds: [proposed.accountId, proposed.into] }
    case 'split':
      return { accountIds: [proposed.accountId], credentialIds: proposed.credentialIds }
    default:
      return { accountIds: [proposed.accountId] }
  }
}
