import { createHash } from 'node:crypto'
import type { GraphSnapshot } from '../../subject/graph/account-graph-store.ts'
import { presentedSubjects } from '../../subject/graph/find-in-snapshot.ts'

/** What was seen, one line a thing: `credential <id>` → `current in <account>`. */
export type SeenFacts = Readonly<Record<string, string>>

export interface ChangedFact {
  readonly what: string
  readonly before: string | undefined
  readonly now: string | undefined
}

/**
 * Everything that decides what an act will do. When a card was last used, and what sites ask for, changes with every sign-in and decides
 * nothing; which subject a site sees does so only where accounts become one, or two again.
 */
export function factsOf(snapshot: GraphSnapshot, { withSubjects }: { readonly withSubjects: boolean }): SeenFacts {
  const facts: Record<string, string> = {}
  for (const { accountId, status, mergedInto, erasedAt } of snapshot.accounts) {
    const into = mergedInto === undefined ? '' : ` into ${mergedInto}`
    facts[`account ${accountId}`] = `${erasedAt === undefined ? status : 'erased'}${into}`
  }
  for (const { credentialId, status, accountId } of snapshot.credentials) {
    facts[`credential ${credentialId}`] = `${status} in ${accountId}`
  }
  for (const { newerId, olderId, relation } of snapshot.links) facts[`link ${newerId} after ${olderId}`] = relation
  if (withSubjects) {
    for (const { accountId, status } of snapshot.accounts) {
      if (status === 'merged') continue
      for (const { sector, sub } of presentedSubjects(snapshot, accountId))
        facts[`sub of ${accountId} at ${sector}`] = sub
    }
  }
  return facts
}

export function changedFacts(before: SeenFacts, now: SeenFacts): readonly ChangedFact[] {
  return [...new Set([...Object.keys(before), ...Object.keys(now)])]
    .filter((what) => before[what] !== now[what])
    .toSorted()
    .map((what) => ({ what, before: before[what], now: now[what] }))
}

/** Names a state of things: 43 characters. Whoever brings it has seen exactly that, and these open proposals beside it. */
export function versionOf(facts: SeenFacts, openProposals: readonly string[]): string {
  const lines = [...Object.entries(facts).map((fact) => fact.join(' = ')), ...openProposals.map((id) => `open ${id}`)]
  return createHash('sha256').update(lines.toSorted().join('\n')).digest('base64url')
}
