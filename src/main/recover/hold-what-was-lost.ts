import { randomUUID } from 'node:crypto'
import type { RecoveryPlan } from '../../audit/plan-recovery.ts'
import type { Config } from '../../config/config.ts'
import { Refusal } from '../../error-registry/refusal.ts'
import { createSealer } from '../../sealing/create-sealer.ts'
import { createKeyRotation } from '../../signing-key/create-key-rotation.ts'
import { SigningKeyRefused } from '../../signing-key/signing-key-states.ts'
import { createAccountGraphStore } from '../../storage/account-graph-store.ts'
import { createClientStore } from '../../storage/client-store.ts'
import type { Database } from '../../storage/database.ts'
import type { RecoveryStore } from '../../storage/lineage/recovery-store.ts'
import { createSigningKeyStore } from '../../storage/signing-key-store.ts'
import { createAccountGraph } from '../../subject/graph/create-account-graph.ts'
import { rotationPolicyOf } from '../rotation-policy-of.ts'

/** What was held, by its name in the database; what came after the backup is not there to be held. */
export interface Held {
  readonly cards: readonly string[]
  readonly accounts: readonly string[]
  readonly clients: readonly string[]
  readonly keys: readonly string[]
  /** Accounts that lost their role with it, since nobody else is an owner. */
  readonly owners: readonly string[]
}

const BY = {
  actor: 'operator',
  reason: 'after a restore: something was done to it that the backup does not have',
} as const

/** Each step may be done twice: whoever is interrupted begins again. */
export async function holdWhatWasLost(
  plan: RecoveryPlan,
  {
    database,
    store,
    config,
    now,
  }: { readonly database: Database; readonly store: RecoveryStore; readonly config: Config; readonly now: () => Date },
): Promise<Held> {
  const graph = createAccountGraph({ store: createAccountGraphStore(database), now, newId: randomUUID })
  const owners: string[] = []
  /** That an owner is left is a rule for whoever administers. Here a card that was stolen would be good again, and an owner with it. */
  const evenOfLastOwner = async (act: () => Promise<unknown>): Promise<boolean> => {
    try {
      return await unlessRefused(act())
    } catch (fault) {
      if (!isLastOwner(fault)) throw fault
      owners.push(...(await store.removeOwners(now())))
      return unlessRefused(act())
    }
  }

  const cards: string[] = []
  for (const credentialId of plan.unlink) {
    if (await evenOfLastOwner(() => graph.unlink({ credentialId }, BY))) cards.push(credentialId)
  }
  if (plan.supersede.length > 0) await store.supersede(plan.supersede)

  await store.withdrawConsents(plan.withdraw, now())
  await store.removeLinks(plan.part)

  const accounts: string[] = []
  for (const accountId of plan.suspend) {
    if (await evenOfLastOwner(() => graph.suspend(accountId, BY))) accounts.push(accountId)
  }

  const clientStore = createClientStore(database)
  const clients: string[] = []
  for (const clientId of plan.disableClients) {
    if (await clientStore.setDisabled(clientId, true, now())) clients.push(clientId)
  }

  const rotation = createKeyRotation({
    store: createSigningKeyStore(database),
    sealer: createSealer(config.keyEncryptionKeys.reveal()),
    policy: rotationPolicyOf(config),
    now,
  })
  const keys: string[] = []
  for (const kid of plan.retireKeys) {
    try {
      const moves = await rotation.retire(kid, { compromised: true })
      if (moves.length > 0) keys.push(kid)
    } catch (fault) {
      if (!(fault instanceof SigningKeyRefused)) throw fault
    }
  }
  return { cards, accounts, clients, keys, owners }
}

const isLastOwner = (fault: unknown): boolean => fault instanceof Refusal && fault.code === 'ADMIN_LAST_OWNER'

/** It is not there, or is in that state already. */
async function unlessRefused(work: Promise<unknown>): Promise<boolean> {
  try {
    await work
    return true
  } catch (fault) {
    if (fault instanceof Refusal && fault.code.startsWith('ADMIN_') && !isLastOwner(fault)) return false
    throw fault
  }
}
