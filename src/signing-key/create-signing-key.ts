import { calculateJwkThumbprint, exportJWK, generateKeyPair } from 'jose'
import { seal } from '../sealing/seal.ts'
import type { SigningAlgorithm, StoredSigningKey } from './signing-key-store.ts'

/** NIST SP 800-57 part 1: good until 2030, and keys are renewed much sooner; 3072 bits cost three times the CPU of every log-in. */
const MODULUS_BITS = 2048

/** A new key that signs at once: for the first start, when nobody has cached a JWKS yet. */
export async function createActiveSigningKey(
  algorithm: SigningAlgorithm,
  sealingKey: Uint8Array,
  now: Date,
): Promise<StoredSigningKey> {
  const { publicKey, privateKey } = await generateKeyPair(algorithm, { extractable: true, modulusLength: MODULUS_BITS })
  const publicJwk = { ...(await exportJWK(publicKey)), alg: algorithm, use: 'sig' }
  const kid = await calculateJwkThumbprint(publicJwk)
  const privateJwk = { ...(await exportJWK(privateKey)), alg: algorithm, use: 'sig', kid }
  return {
    kid,
    algorithm,
    publicJwk: { ...publicJwk, kid },
    sealedPrivateJwk: seal(sealingKey, sealingPurpose(kid), Buffer.from(JSON.stringify(privateJwk))),
    state: 'active',
    publishedAt: now,
    activatedAt: now,
    retiredAt: undefined,
  }
}

/** Binds a sealed key to its kid: a row whose sealed half was exchanged does not open. */
export function sealingPurpose(kid: string): string {
  return `signing key ${kid}`
}
