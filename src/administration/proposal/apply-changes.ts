import type { GraphAccount, GraphCredential, GraphSnapshot } from '../../subject/graph/account-graph-store.ts'
import type { GraphChange } from '../../subject/graph/graph-change.ts'

/** The families as they will be: what storage writes, on paper. */
export function applyChanges(snapshot: GraphSnapshot, changes: readonly GraphChange[], at: Date): GraphSnapshot {
  return changes.reduce((before, change) => applyChange(before, change, at), snapshot)
}

function applyChange(snapshot: GraphSnapshot, change: GraphChange, at: Date): GraphSnapshot {
  switch (change.kind) {
    case 'account': {
      const { status, mergedInto } = change.after
      const turn = (one: GraphAccount): GraphAccount =>
        one.accountId === change.accountId ? { ...one, status, mergedInto, since: at } : one
      return { ...snapshot, accounts: snapshot.accounts.map(turn) }
    }
    case 'account-added': {
      const { accountId } = change
      const added = { accountId, status: 'active', createdAt: at, since: at } as const
      return { ...snapshot, accounts: [...snapshot.accounts, { ...added, mergedInto: undefined, erasedAt: undefined }] }
    }
    case 'credential': {
      const turn = (one: GraphCredential): GraphCredential =>
        one.credentialId === change.credentialId ? { ...one, ...change.after } : one
      return { ...snapshot, credentials: snapshot.credentials.map(turn) }
    }
    case 'link-added': {
      const { newerId, olderId, relation } = change
      return { ...snapshot, links: [...snapshot.links, { newerId, olderId, relation, actor: 'preview', at }] }
    }
    case 'link-undone':
      return {
        ...snapshot,
        links: snapshot.links.filter((one) => one.newerId !== change.newerId || one.olderId !== change.olderId),
      }
    case 'subject-inherited': {
      const { accountId, sector, sub } = change
      return { ...snapshot, inherited: [...snapshot.inherited, { accountId, sector, sub }] }
    }
    case 'subject-disinherited':
      return {
        ...snapshot,
        inherited: snapshot.inherited.filter(
          (one) => one.accountId !== change.accountId || one.sector !== change.sector,
        ),
      }
  }
}
