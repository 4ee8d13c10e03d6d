import type { Config } from '../../config/config.ts'
import { createSealer } from '../../sealing/create-sealer.ts'
import { loadSigningKeys } from '../../signing-key/load-signing-keys.ts'
import type { Database } from '../../storage/database.ts'
import { createSigningKeyStore } from '../../storage/signing-key-store.ts'
import { statusOf } from '../key/print-keys.ts'
import { rotationPolicyOf } from '../rotation-policy-of.ts'
import type { Finding } from './finding.ts'

export async function examineKeys(
  config: Config,
  { database, now }: { readonly database: Database | undefined; readonly now: () => Date },
): Promise<Finding> {
  if (database === undefined) return { code: 'NOT_EXAMINED', values: { what: 'signing keys' } }
  const store = createSigningKeyStore(database)
  const keys = await store.list()
  const status = statusOf(keys, now(), rotationPolicyOf(config))
  const faults = new Set(status.map(({ fault }) => fault))
  // the first server to start makes them; the doctor changes nothing
  if (faults.has('NO_KEY')) return { code: 'KEYS_NOT_MADE' }
  try {
    await loadSigningKeys({ store, sealer: createSealer(config.keyEncryptionKeys.reveal()), now })
  } catch {
    return { code: 'KEYS_DO_NOT_OPEN' }
  }
  if (faults.has('OVERDUE')) return { code: 'KEYS_OVERDUE' }
  const since = status.map((one) => one.since?.toISOString().slice(0, 10) ?? '').toSorted()[0] ?? ''
  return { code: 'KEYS_OK', values: { since } }
}
