import type { GraphOperation, GraphSnapshot, MergeCandidate } from '../../subject/graph/account-graph-store.ts'
import { familyCredentials, presentedSubjects } from '../../subject/graph/find-in-snapshot.ts'

/** An account for an operator: ids, dates and links. What was read from a card is not there to be printed. */
export function describeAccount(accountId: string, snapshot: GraphSnapshot) {
  const account = snapshot.accounts.find((one) => one.accountId === accountId)
  return {
    accountId,
    status: account?.status,
    since: account?.since,
    erasedAt: account?.erasedAt,
    createdAt: account?.createdAt,
    mergedFrom: snapshot.accounts.filter((one) => one.mergedInto === accountId).map((one) => one.accountId),
    credentials: familyCredentials(snapshot, accountId).map((one) => ({
      credentialId: one.credentialId,
      kind: one.kind,
      status: one.status,
      firstSeenAt: one.firstSeenAt,
      lastUsedAt: one.lastUsedAt,
      notAfter: one.notAfter,
      replaces: snapshot.links
        .filter(({ newerId }) => newerId === one.credentialId)
        .map(({ olderId, relation, actor, at }) => ({ olderId, relation, actor, at })),
    })),
    subjects: presentedSubjects(snapshot, accountId).map(({ sector, sub }) => ({ sector, sub })),
  }
}

export function printAccount(account: ReturnType<typeof describeAccount>): string {
  const { accountId, status = 'unknown', since, erasedAt, createdAt, mergedFrom, credentials, subjects } = account
  return [
    `account ${accountId}  ${status} since ${day(since)}  made ${day(createdAt)}`,
    ...(erasedAt === undefined
      ? []
      : [`  erased ${day(erasedAt)}: its cards are strangers, its subs are given to nobody`]),
    ...mergedFrom.map((id) => `  with ${id}, merged into it`),
    ...credentials.flatMap((one) => [
      `  credential ${one.credentialId}  ${one.kind}  ${one.status}`,
      `    first seen ${day(one.firstSeenAt)}  last used ${day(one.lastUsedAt)}  ends ${day(one.notAfter)}`,
      ...one.replaces.map(
        ({ olderId, relation, at, actor }) => `    after ${olderId}  ${relation}  ${day(at)}  by ${actor}`,
      ),
    ]),
    ...subjects.map(({ sector, sub }) => `  at ${sector}  ${sub}`),
  ].join('\n')
}

export function printOperations(
  operations: readonly (Omit<GraphOperation, 'changes'> & { readonly undoneBy: string | undefined })[],
): string {
  if (operations.length === 0) return 'nothing was done by hand'
  return operations
    .map(({ id, at, act, actor, reason, otherAccountId, undoes, undoneBy }) =>
      [
        `${id}  ${at.toISOString()}  ${act}  by ${actor}: ${reason}`,
        ...(otherAccountId === undefined ? [] : [`  other account ${otherAccountId}`]),
        ...(undoes === undefined ? [] : [`  undoes ${undoes}`]),
        ...(undoneBy === undefined ? [] : [`  undone by ${undoneBy}`]),
      ].join('\n'),
    )
    .join('\n')
}

export function printCandidates(candidates: readonly MergeCandidate[]): string {
  if (candidates.length === 0) return 'no chain has reached two accounts'
  return candidates
    .map(({ accountId, otherAccountId, foundAt }) => `${day(foundAt)}  ${accountId}  and  ${otherAccountId}`)
    .join('\n')
}

function day(date: Date | undefined): string {
  return date === undefined ? '—' : date.toISOString().slice(0, 10)
}
