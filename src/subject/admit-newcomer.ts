import type { CredentialStore, PresentedCredential } from './credential-store.ts'

export interface AdmitNewcomerDependencies {
  readonly store: CredentialStore
  readonly now: () => Date
  /** Random UUIDs. */
  readonly newId: () => string
}

/**
 * An unknown credential is a new person: account and credential are made together, with their events.
 *
 * @returns undefined when another log-in of the same card was faster: resolve again
 */
export async function admitNewcomer(
  { store, now, newId }: AdmitNewcomerDependencies,
  presented: PresentedCredential,
): Promise<{ readonly accountId: string; readonly credentialId: string } | undefined> {
  const ids = { accountId: newId(), credentialId: newId() }
  const kind = 'card-auth'
  const created = await store.createAccount({ ...ids, kind, presented, at: now() }, [
    { type: 'account.created', accountId: ids.accountId },
    { type: 'credential.first_seen', ...ids, kind },
  ])
  return created ? ids : undefined
}
