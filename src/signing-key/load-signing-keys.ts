import type { JWK } from 'jose'
import type { Sealer } from '../sealing/create-sealer.ts'
import { createSigningKey, sealingPurpose } from './create-signing-key.ts'
import { isInJwks } from './signing-key-states.ts'
import {
  SIGNING_ALGORITHMS,
  type SigningKeyStore,
  type SigningKeyTable,
  type StoredSigningKey,
} from './signing-key-store.ts'

export interface LoadSigningKeysDependencies {
  readonly store: Pick<SigningKeyStore, 'list' | 'exclusively'>
  readonly sealer: Sealer
  readonly now: () => Date
}

/** Private keys, and each with `kid`, `alg` and `use`. */
export interface PrivateJwks {
  readonly keys: JWK[]
}

/**
 * The keys of this provider: of each algorithm the one that signs first, then those that are published only to be known or to
 * verify. At the first start they are made; of several processes that start at once, one makes them.
 *
 * @throws Error when a private key does not open: another KEY_ENCRYPTION_KEY, or a row that was changed
 */
export async function loadSigningKeys({ store, sealer, now }: LoadSigningKeysDependencies): Promise<PrivateJwks> {
  const known = await store.list()
  const stored = isComplete(known) ? known : await store.exclusively((table) => createMissingKeys(table, sealer, now()))
  const keys = stored
    .filter((key) => isInJwks(key, now()))
    .toSorted((one, other) => RANK[one.state] - RANK[other.state])
  return { keys: keys.map((key) => openPrivateJwk(key, sealer)) }
}

/** oidc-provider signs with the first key that fits. */
const RANK = { active: 0, published: 1, retired: 2 } as const

const isActive = (keys: readonly StoredSigningKey[], algorithm: string): boolean =>
  keys.some((key) => key.algorithm === algorithm && key.state === 'active')

function isComplete(keys: readonly StoredSigningKey[]): boolean {
  return SIGNING_ALGORITHMS.every((algorithm) => isActive(keys, algorithm))
}

async function createMissingKeys(
  table: SigningKeyTable,
  sealer: Sealer,
  now: Date,
): Promise<readonly StoredSigningKey[]> {
  // another process may have been here while this one waited for its turn
  const known = await table.list()
  for (const algorithm of SIGNING_ALGORITHMS) {
    if (!isActive(known, algorithm)) {
      await table.insert(await createSigningKey(algorithm, { sealer, now, activatesAt: now }))
    }
  }
  return table.list()
}

function openPrivateJwk({ kid, sealedPrivateJwk }: StoredSigningKey, sealer: Sealer): JWK {
  try {
    return JSON.parse(sealer.open(sealingPurpose(kid), sealedPrivateJwk ?? Buffer.alloc(0)).toString('utf8')) as JWK
  } catch (cause) {
    throw new Error(`signing key ${kid} does not open: is KEY_ENCRYPTION_KEY the one it was made with?`, { cause })
  }
}
