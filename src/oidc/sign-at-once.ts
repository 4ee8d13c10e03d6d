import { createPrivateKey, createPublicKey, sign, type KeyObject } from 'node:crypto'
import type { JWK } from 'jose'
import { ExternalSigningKey, type JWKS } from 'oidc-provider'

/**
 * The same keys, in the same order, those on curves as keys that sign at once.
 *
 * The library signs by way of Web Crypto: a job for the thread pool, a wake-up and a promise, which together cost as much as the signature
 * on a curve itself. RSA stays there: a signature holds the event loop five times as long, and the way to the pool adds a tenth to it
 * (docs/adr/0025).
 */
export function signAtOnce({ keys }: { readonly keys: readonly JWK[] }): JWKS {
  // what the library's types call a JWK is one of jose's with less in it
  return { keys: keys.map((jwk) => (isOnCurve(jwk) ? new CurveKey(jwk) : jwk)) }
}

/** What each algorithm has to be told (RFC 7518 §3.4, RFC 8037 §3.1). */
const DIGESTS = { ES256: 'sha256', EdDSA: null } as const
type CurveAlgorithm = keyof typeof DIGESTS

interface CurveJwk extends JWK {
  readonly alg: CurveAlgorithm
  readonly kid: string
}

function isOnCurve(jwk: JWK): jwk is CurveJwk {
  return jwk.kid !== undefined && jwk.alg !== undefined && Object.hasOwn(DIGESTS, jwk.alg)
}

class CurveKey extends ExternalSigningKey {
  readonly #publicKey: KeyObject
  readonly #digest: string | null
  readonly #signer: { readonly key: KeyObject; readonly dsaEncoding: 'ieee-p1363' }

  constructor(jwk: CurveJwk) {
    super()
    // `alg` and `kid` are the library's to read, by accessors that its types show as read-only
    Object.assign(this, { alg: jwk.alg, kid: jwk.kid })
    const key = createPrivateKey({ key: { ...jwk }, format: 'jwk' })
    this.#publicKey = createPublicKey(key)
    this.#digest = DIGESTS[jwk.alg]
    // RFC 7518 §3.4: R ‖ S, not DER; on Ed25519 there is one encoding only
    this.#signer = { key, dsaEncoding: 'ieee-p1363' }
  }

  override keyObject(): KeyObject {
    return this.#publicKey
  }

  override sign(data: Uint8Array): Uint8Array {
    return sign(this.#digest, data, this.#signer)
  }
}
