import type { Config } from '../config/config.ts'
import type { Log } from '../observability/log.ts'
import type { Sealer } from '../sealing/create-sealer.ts'
import { createKeyRotation } from '../signing-key/create-key-rotation.ts'
import { loadSigningKeys, type PrivateJwks } from '../signing-key/load-signing-keys.ts'
import { loadNonceSecret } from '../signing-key/nonce-secret.ts'
import type { ChangeFeed } from '../storage/change-feed/change.ts'
import type { Database } from '../storage/database.ts'
import { createServerSecretStore } from '../storage/server-secret-store.ts'
import { createSigningKeyStore } from '../storage/signing-key-store.ts'
import { keepSigningKeys } from './keep-signing-keys.ts'
import { rotationPolicyOf } from './rotation-policy-of.ts'

export interface OpenSigningKeysDependencies {
  readonly database: Database
  readonly sealer: Sealer
  readonly config: Pick<Config, 'signingKeys' | 'keyEncryptionKeys'>
  readonly changes: Pick<ChangeFeed, 'onChange'>
  readonly log: Log
  readonly now: () => Date
}

export interface OpenedSigningKeys {
  /** Those to begin with. */
  readonly jwks: PrivateJwks
  /** 32 octets, the same in every process. */
  readonly dpopNonceSecret: Buffer
  /** From now on the schedule runs, and `exchange` gets other keys whenever any process changed them. */
  keep(exchange: (jwks: PrivateJwks) => void): { stop(): Promise<void> }
}

/** The keys of this provider, made if there are none. */
export async function openSigningKeys(deps: OpenSigningKeysDependencies): Promise<OpenedSigningKeys> {
  const { database, sealer, config, changes, log, now } = deps
  const store = createSigningKeyStore(database, 'schedule', now)
  const load = (): Promise<PrivateJwks> => loadSigningKeys({ store, sealer, now })
  const jwks = await load()
  const [keyEncryptionKey] = config.keyEncryptionKeys.reveal()
  const secrets = createServerSecretStore(database)
  return {
    jwks,
    dpopNonceSecret: await loadNonceSecret({ store: secrets, sealer, keyEncryptionKey }),
    keep: (exchange) =>
      keepSigningKeys({
        rotation: createKeyRotation({ store, sealer, policy: rotationPolicyOf(config), now }),
        load,
        loaded: jwks,
        exchange,
        onChange: (listener) => {
          changes.onChange(({ kind }) => {
            if (kind !== 'client') listener()
          })
        },
        log,
      }),
  }
}
