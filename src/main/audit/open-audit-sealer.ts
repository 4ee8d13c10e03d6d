import { createAuditSealer, type AuditSealer } from '../../audit/seal/create-audit-sealer.ts'
import { createSealingKey } from '../../audit/seal/create-sealing-key.ts'
import type { Config } from '../../config/config.ts'
import { createSealer } from '../../sealing/create-sealer.ts'
import { loadSigningKeys } from '../../signing-key/load-signing-keys.ts'
import { createAuditSealStore } from '../../storage/audit-seal-store.ts'
import type { Database } from '../../storage/database.ts'
import { createSigningKeyStore } from '../../storage/signing-key-store.ts'

/** The sealer on a database, signing with whatever key signs then. */
export function openAuditSealer({
  database,
  config,
  now,
}: {
  readonly database: Database
  readonly config: Pick<Config, 'keyEncryptionKeys'>
  readonly now: () => Date
}): AuditSealer {
  const sealer = createSealer(config.keyEncryptionKeys.reveal())
  return createAuditSealer({
    store: createAuditSealStore(database),
    currentKey: async () =>
      createSealingKey(await loadSigningKeys({ store: createSigningKeyStore(database), sealer, now })),
    now,
  })
}
