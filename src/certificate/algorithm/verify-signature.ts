import { verify, type KeyObject } from 'node:crypto'
import { signatureAlgorithmOf, type SignatureAlgorithmName } from './signature-algorithms.ts'

export type SignatureVerdict = 'valid' | 'invalid' | 'algorithm-not-allowed'

export interface SignedBytes {
  readonly signedDer: Uint8Array
  /** AlgorithmIdentifier as it stands. */
  readonly algorithmDer: Uint8Array
  readonly signature: Uint8Array
}

/**
 * The one place where a signature over DER is verified: certificate, CRL, OCSP answer.
 * The key decides what is possible, the allow list what is acceptable; the signed structure only names one of these.
 *
 * PKCS #1 v1.5 is compared as a whole: OpenSSL builds the encoded message anew and compares octets (RFC 8017 §8.2.2),
 * so neither BER lengths, nor a missing NULL, nor anything after the digest passes.
 */
export function verifySignature(
  { signedDer, algorithmDer, signature }: SignedBytes,
  key: KeyObject,
  allowed: readonly SignatureAlgorithmName[],
): SignatureVerdict {
  const algorithm = signatureAlgorithmOf(algorithmDer)
  if (algorithm === undefined || !allowed.includes(algorithm.name)) return 'algorithm-not-allowed'
  if (key.asymmetricKeyType !== algorithm.keyType) return 'algorithm-not-allowed'
  return verify(algorithm.digest, signedDer, key, signature) ? 'valid' : 'invalid'
}
