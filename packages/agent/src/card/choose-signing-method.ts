import { X509Certificate, verify, type KeyObject } from 'node:crypto'
import { digestInfoOfTranscript, type SignatureAlgorithm } from '@sekisho/protocol'
import { CardFailure } from './card-failure.ts'

export interface SigningMethod {
  readonly algorithm: SignatureAlgorithm
  /** What COMPUTE DIGITAL SIGNATURE gets for a transcript. */
  toBeSigned(transcript: Uint8Array): Buffer
  /** Whether the card really signed that with the key of its certificate. */
  isSignatureOf(transcript: Uint8Array, signature: Uint8Array): boolean
}

/**
 * The one place where the key of the certificate decides how to sign. The next card generation (P-384, "ES384") is one more
 * line here, once its commands are public.
 *
 * @throws CardFailure CARD_PROTOCOL_ERROR when this is no certificate, CARD_UNSUPPORTED for a key that no rule covers
 */
export function chooseSigningMethod(certificateDer: Uint8Array): SigningMethod {
  const key = publicKeyOf(certificateDer)
  if (key.asymmetricKeyType === 'rsa' && key.asymmetricKeyDetails?.modulusLength === 2048) return rs256(key)
  throw new CardFailure('CARD_UNSUPPORTED', 'key of the certificate')
}

function rs256(key: KeyObject): SigningMethod {
  return {
    algorithm: 'RS256',
    toBeSigned: digestInfoOfTranscript,
    isSignatureOf: (transcript, signature) => verify('sha256', transcript, key, signature),
  }
}

function publicKeyOf(certificateDer: Uint8Array): KeyObject {
  try {
    return new X509Certificate(certificateDer).publicKey
  } catch {
    // No cause: OpenSSL's message may quote bytes of the certificate.
    throw new CardFailure('CARD_PROTOCOL_ERROR', 'certificate cannot be parsed')
  }
}
