import { calculateJwkThumbprint, exportJWK, generateKeyPair } from 'jose'
import type { Sealer } from '../sealing/create-sealer.ts'
import type { SigningAlgorithm, StoredSigningKey } from './signing-key-store.ts'

/** NIST SP 800-57 part 1: good until 2030, and keys are renewed much sooner; 3072 bits cost three times the CPU of every log-in. */
const MODULUS_BITS = 2048

/**
 * A new key: published, and signing from `activatesAt` on. When that is now it is active at once: for the first start, when nobody
 * has cached a JWKS yet.
 */
export async function createSigningKey(
  algorithm: SigningAlgorithm,
  { sealer, now, activatesAt }: { readonly sealer: Sealer; readonly now: Date; readonly activatesAt: Date },
): Promise<StoredSigningKey> {
  const { publicKey, privateKey } = await generateKeyPair(algorithm, { extractable: true, modulusLength: MODULUS_BITS })
  const publicJwk = { ...(await exportJWK(publicKey)), alg: algorithm, use: 'sig' }
  const kid = await calculateJwkThumbprint(publicJwk)
  const privateJwk = { ...(await exportJWK(privateKey)), alg: algorithm, use: 'sig', kid }
  const isActive = activatesAt <= now
  return {
    kid,
    algorithm,
    publicJwk: { ...publicJwk, kid },
    sealedPrivateJwk: sealer.seal(sealingPurpose(kid), Buffer.from(JSON.stringify(privateJwk))),
    state: isActive ? 'active' : 'published',
    publishedAt: now,
    activatesAt,
    activatedAt: isActive ? now : undefined,
    retiredAt: undefined,
    publishedUntil: undefined,
  }
}

/** Binds a sealed key to its kid: a row whose sealed half was exchanged does not open. */
export function sealingPurpose(kid: string): string {
  return `signing key ${kid}`
}
