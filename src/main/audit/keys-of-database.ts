import type { Database } from '../../storage/database.ts'
import { createSigningKeyStore } from '../../storage/signing-key-store.ts'
import type { PublicAuditKey } from './public-audit-keys.ts'

/** Public keys that may have sealed the log: every ES256 key that there ever was, the retired ones too. */
export async function keysOfDatabase(database: Database): Promise<readonly PublicAuditKey[]> {
  const keys = await createSigningKeyStore(database).list()
  return keys
    .filter(({ algorithm }) => algorithm === 'ES256')
    .map(({ kid, publicJwk }) => ({ ...publicJwk, kid, kty: 'EC' }))
}
