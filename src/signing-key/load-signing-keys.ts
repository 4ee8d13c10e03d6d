import type { JWK } from 'jose'
import { open } from '../sealing/seal.ts'
import { createActiveSigningKey, sealingPurpose } from './create-signing-key.ts'
import {
  SIGNING_ALGORITHMS,
  type SigningKeyStore,
  type SigningKeyTable,
  type StoredSigningKey,
} from './signing-key-store.ts'

export interface LoadSigningKeysDependencies {
  readonly store: SigningKeyStore
  /** 32 octets, kept outside the database. */
  readonly sealingKey: Uint8Array
  readonly now: () => Date
}

/** Private keys, and each with `kid`, `alg` and `use`. */
export interface PrivateJwks {
  readonly keys: JWK[]
}

/** Tokens of a retired key may still be shown to us, as `id_token_hint`, for as long as a session can last. */
const RETIRED_LIFE_MS = 7 * 86_400_000

/**
 * The keys of this provider: of each algorithm the one that signs first, then those that are published only to be known or to
 * verify. At the first start they are made; of several processes that start at once, one makes them.
 *
 * @throws Error when a private key does not open: another KEY_ENCRYPTION_KEY, or a row that was changed
 */
export async function loadSigningKeys({ store, sealingKey, now }: LoadSigningKeysDependencies): Promise<PrivateJwks> {
  const known = await store.list()
  const stored = isComplete(known)
    ? known
    : await store.exclusively((table) => createMissingKeys(table, sealingKey, now()))
  const isPublished = ({ retiredAt }: StoredSigningKey): boolean =>
    retiredAt === undefined || now().getTime() - retiredAt.getTime() < RETIRED_LIFE_MS
  const keys = stored.filter(isPublished).toSorted((one, other) => RANK[one.state] - RANK[other.state])
  return { keys: keys.map((key) => openPrivateJwk(key, sealingKey)) }
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
  sealingKey: Uint8Array,
  now: Date,
): Promise<readonly StoredSigningKey[]> {
  // another process may have been here while this one waited for its turn
  const known = await table.list()
  for (const algorithm of SIGNING_ALGORITHMS) {
    if (!isActive(known, algorithm)) await table.insert(await createActiveSigningKey(algorithm, sealingKey, now))
  }
  return table.list()
}

function openPrivateJwk({ kid, sealedPrivateJwk }: StoredSigningKey, sealingKey: Uint8Array): JWK {
  try {
    return JSON.parse(open(sealingKey, sealingPurpose(kid), sealedPrivateJwk).toString('utf8')) as JWK
  } catch (cause) {
    throw new Error(`signing key ${kid} does not open: is KEY_ENCRYPTION_KEY the one it was made with?`, { cause })
  }
}
