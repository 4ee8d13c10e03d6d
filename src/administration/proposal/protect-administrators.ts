import { Refusal } from '../../error-registry/refusal.ts'
import type { GraphPlan, GraphSnapshot } from '../../subject/graph/account-graph-store.ts'
import { familyCredentials } from '../../subject/graph/find-in-snapshot.ts'
import { accountsThatGain } from '../rights-gained.ts'
import type { Role } from '../role.ts'
import { applyChanges } from './apply-changes.ts'

/** Which of the accounts of the families have a role, and how many owners there are besides who can sign in. */
export interface AdministratorsConcerned {
  readonly roles: ReadonlyMap<string, Role>
  readonly otherOwners: number
}

/**
 * The console must not be taken by way of the accounts: nobody becomes an administrator by a card that is linked, no role is lost with an
 * account that leads elsewhere, and an owner is left who can sign in. Storage refuses the same when it is written; here it is refused
 * before anybody proposes it.
 *
 * @throws Refusal ADMIN_ACCOUNT_HAS_ROLE, ADMIN_LAST_OWNER
 */
export function protectAdministrators(
  before: GraphSnapshot,
  { operation }: GraphPlan,
  { roles, otherOwners }: AdministratorsConcerned,
): void {
  const after = applyChanges(before, operation.changes, operation.at)
  const isMerged = (snapshot: GraphSnapshot, id: string) =>
    snapshot.accounts.some(({ accountId, status }) => accountId === id && status === 'merged')
  if (accountsThatGain(operation.changes).some((id) => roles.has(id))) throw new Refusal('ADMIN_ACCOUNT_HAS_ROLE')
  for (const id of roles.keys()) {
    if (isMerged(after, id) && !isMerged(before, id)) throw new Refusal('ADMIN_ACCOUNT_HAS_ROLE')
  }
  const ownersIn = (snapshot: GraphSnapshot): number =>
    [...roles].filter(([id, role]) => role === 'owner' && canSignIn(snapshot, id)).length
  if (otherOwners === 0 && ownersIn(before) > 0 && ownersIn(after) === 0) throw new Refusal('ADMIN_LAST_OWNER')
}

function canSignIn(snapshot: GraphSnapshot, id: string): boolean {
  return (
    snapshot.accounts.some(({ accountId, status }) => accountId === id && status === 'active') &&
    familyCredentials(snapshot, id).some(({ status, kind }) => status === 'current' && kind !== 'card-sign')
  )
}
