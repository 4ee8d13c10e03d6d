import { Refusal } from '../../error-registry/refusal.ts'
import type { GraphAccount, GraphCredential, GraphSnapshot, GraphSubject } from './account-graph-store.ts'

/** @throws Refusal ADMIN_ACCOUNT_NOT_FOUND */
export function accountIn({ accounts }: GraphSnapshot, accountId: string): GraphAccount {
  const account = accounts.find((one) => one.accountId === accountId)
  if (account === undefined) throw new Refusal('ADMIN_ACCOUNT_NOT_FOUND')
  return account
}

/** @throws Refusal ADMIN_CREDENTIAL_NOT_FOUND */
export function credentialIn({ credentials }: GraphSnapshot, credentialId: string): GraphCredential {
  const credential = credentials.find((one) => one.credentialId === credentialId)
  if (credential === undefined) throw new Refusal('ADMIN_CREDENTIAL_NOT_FOUND')
  return credential
}

/** The account that an account leads to: itself, unless it was merged. */
export function survivorOf(snapshot: GraphSnapshot, accountId: string): string {
  return accountIn(snapshot, accountId).mergedInto ?? accountId
}

/** Every credential that leads to the account. */
export function familyCredentials(snapshot: GraphSnapshot, accountId: string): readonly GraphCredential[] {
  return snapshot.credentials.filter((one) => survivorOf(snapshot, one.accountId) === accountId)
}

/** What each site sees of the account: its own subject, or the one it inherited. */
export function presentedSubjects(snapshot: GraphSnapshot, accountId: string): readonly GraphSubject[] {
  const own = snapshot.subjects.filter((one) => one.accountId === accountId)
  const sectors = new Set(own.map(({ sector }) => sector))
  const inherited = snapshot.inherited.filter((one) => one.accountId === accountId && !sectors.has(one.sector))
  return [...own, ...inherited]
}

/** @throws Refusal ADMIN_OPERATION_REFUSED, with what is in the way, for the administrator */
export function refuseOperation(why: string): never {
  throw new Refusal('ADMIN_OPERATION_REFUSED', why)
}
