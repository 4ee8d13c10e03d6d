import { hash } from 'node:crypto'
import { isCanonicalOrigin } from './provider-origin.ts'

/** Fixed label: domain separation from TLS, CMS and every other use of the card's key. */
const LABEL = 'sekisho:1 card sign-in'
const LABEL_DIGEST = hash('sha256', LABEL, 'buffer')

/** RFC 8017 §9.2 note 1: DER of DigestInfo with id-sha256 and NULL parameters, up to the 32 bytes of the hash. */
const DIGEST_INFO_SHA256_PREFIX = Buffer.from('3031300d060960864801650304020105000420', 'hex')

/** 32 random bytes as base64url text. */
const NONCE = /^[A-Za-z0-9_-]{43}$/

export interface TranscriptInput {
  /** `scheme://host[:port]`, lower case, no trailing slash. The agent takes it from its own trust list, the provider from its issuer. */
  readonly providerOrigin: string
  /** 43 characters base64url, hashed as text. */
  readonly nonce: string
  /** Exactly the text the provider sent, never parsed and written again. */
  readonly context: string
}

/**
 * The transcript `T`: 128 bytes, four SHA-256 digests side by side, so that no field can run into the next.
 * The card signs SHA-256(T).
 *
 * @throws TypeError when the origin is not in its canonical form, the nonce is not 43 characters of base64url,
 *   or the context is not well-formed Unicode
 */
export function buildTranscript({ providerOrigin, nonce, context }: TranscriptInput): Buffer {
  if (!isCanonicalOrigin(providerOrigin)) {
    throw new TypeError('providerOrigin must be a canonical origin: scheme://host[:port]')
  }
  if (!NONCE.test(nonce)) throw new TypeError('nonce must be 43 characters of base64url')
  // half a surrogate pair has no UTF-8: every such half would be hashed as the same replacement character
  if (!context.isWellFormed()) throw new TypeError('context must be well-formed Unicode')
  return Buffer.concat([LABEL_DIGEST, sha256(providerOrigin), sha256(nonce), sha256(context)])
}

/** The 51-byte DigestInfo of SHA-256(T) that the agent hands to the card (jpki.md §1.4, P1=00). */
export function digestInfoOfTranscript(transcript: Uint8Array): Buffer {
  return Buffer.concat([DIGEST_INFO_SHA256_PREFIX, sha256(transcript)])
}

function sha256(bytes: string | Uint8Array): Buffer {
  return hash('sha256', bytes, 'buffer')
}
