import { createPrivateKey, createPublicKey, sign, type KeyObject } from 'node:crypto'
import type { JWK } from 'jose'
import { ExternalSigningKey, type JWKS } from 'oidc-provider'
import { toFixedLength } from './fixed-length-signature.ts'

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

/** RFC 7518 §3.4, RFC 8037 §3.1. */
const CURVE_ALGORITHMS = ['ES256', 'EdDSA'] as const
type CurveAlgorithm = (typeof CURVE_ALGORITHMS)[number]

interface CurveJwk extends JWK {
  readonly alg: CurveAlgorithm
  readonly kid: string
}

function isOnCurve(jwk: JWK): jwk is CurveJwk {
  return jwk.kid !== undefined && CURVE_ALGORITHMS.some((algorithm) => algorithm === jwk.alg)
}

class CurveKey extends ExternalSigningKey {
  readonly #algorithm: CurveAlgorithm
  readonly #key: KeyObject
  readonly #publicKey: KeyObject

  constructor(jwk: CurveJwk) {
    super()
    // `alg` and `kid` are the library's to read, by accessors that its types show as read-only
    Object.assign(this, { alg: jwk.alg, kid: jwk.kid })
    this.#algorithm = jwk.alg
    this.#key = createPrivateKey({ key: { ...jwk }, format: 'jwk' })
    this.#publicKey = createPublicKey(this.#key)
  }

  override keyObject(): KeyObject {
    return this.#publicKey
  }

  override sign(data: Uint8Array): Uint8Array {
    // the key alone: an object with options is first tried as a key, which costs half a signature more
    switch (this.#algorithm) {
      case 'ES256':
        return toFixedLength(sign('sha256', data, this.#key))
      case 'EdDSA':
        return sign(null, data, this.#key)
    }
  }
}
