import type { ErrorCode } from '../../error-registry/registry.ts'

/**
 * Every way in which a source of revocation has no usable answer, and the code a refusal for it carries.
 * `trips` says whether it speaks against the source as a whole, so that the circuit breaker counts it.
 */
export const UNAVAILABLE_CAUSES = {
  /** The configuration names no source. */
  'not-configured': { code: 'REV_NOT_CONFIGURED', trips: false },

  'source-unreachable': { code: 'REV_SOURCE_UNREACHABLE', trips: true },
  'source-timed-out': { code: 'REV_SOURCE_TIMED_OUT', trips: true },
  /** A status other than 200; redirects are never followed. */
  'source-http-error': { code: 'REV_SOURCE_HTTP_ERROR', trips: true },
  'source-too-large': { code: 'REV_SOURCE_TOO_LARGE', trips: true },
  /** Its host is not on the allow list, or resolves to an address of a special-use network. */
  'source-not-allowed': { code: 'REV_SOURCE_NOT_ALLOWED', trips: true },
  /** Its circuit breaker is open. */
  'source-paused': { code: 'REV_SOURCE_PAUSED', trips: false },

  'ocsp-malformed': { code: 'REV_OCSP_MALFORMED', trips: true },
  /** malformedRequest or sigRequired. */
  'ocsp-request-rejected': { code: 'REV_OCSP_REQUEST_REJECTED', trips: false },
  'ocsp-internal-error': { code: 'REV_OCSP_INTERNAL_ERROR', trips: true },
  'ocsp-try-later': { code: 'REV_OCSP_TRY_LATER', trips: true },
  'ocsp-unauthorized': { code: 'REV_OCSP_UNAUTHORIZED', trips: false },
  'ocsp-several-answers': { code: 'REV_OCSP_SEVERAL_ANSWERS', trips: false },
  'ocsp-wrong-certificate': { code: 'REV_OCSP_WRONG_CERTIFICATE', trips: false },
  'ocsp-wrong-signer': { code: 'REV_OCSP_WRONG_SIGNER', trips: true },
  'ocsp-signer-not-delegated': { code: 'REV_OCSP_SIGNER_NOT_DELEGATED', trips: true },
  'ocsp-signer-not-valid': { code: 'REV_OCSP_SIGNER_NOT_VALID', trips: true },
  'ocsp-bad-signature': { code: 'REV_OCSP_BAD_SIGNATURE', trips: true },
  'ocsp-weak-algorithm': { code: 'REV_OCSP_WEAK_ALGORITHM', trips: true },
  'ocsp-unknown-extension': { code: 'REV_OCSP_UNKNOWN_EXTENSION', trips: false },
  'ocsp-stale': { code: 'REV_OCSP_STALE', trips: false },
  'ocsp-from-the-future': { code: 'REV_OCSP_FROM_THE_FUTURE', trips: false },
  'ocsp-nonce-absent': { code: 'REV_OCSP_NONCE_ABSENT', trips: false },
  'ocsp-nonce-mismatch': { code: 'REV_OCSP_NONCE_MISMATCH', trips: false },

  /** No list for this issuer was ever loaded. */
  'crl-missing': { code: 'REV_CRL_MISSING', trips: false },
  'crl-malformed': { code: 'REV_CRL_MALFORMED', trips: false },
  'crl-too-large': { code: 'REV_CRL_TOO_LARGE', trips: false },
  'crl-wrong-issuer': { code: 'REV_CRL_WRONG_ISSUER', trips: false },
  /** It covers other certificates than this one, or only some reasons. */
  'crl-wrong-scope': { code: 'REV_CRL_WRONG_SCOPE', trips: false },
  'crl-bad-signature': { code: 'REV_CRL_BAD_SIGNATURE', trips: false },
  'crl-weak-algorithm': { code: 'REV_CRL_WEAK_ALGORITHM', trips: false },
  'crl-unknown-extension': { code: 'REV_CRL_UNKNOWN_EXTENSION', trips: false },
  'crl-expired': { code: 'REV_CRL_EXPIRED', trips: false },
  'crl-from-the-future': { code: 'REV_CRL_FROM_THE_FUTURE', trips: false },
  'crl-rolled-back': { code: 'REV_CRL_ROLLED_BACK', trips: false },
  'crl-delta': { code: 'REV_CRL_DELTA', trips: false },

  'operator-malformed': { code: 'REV_OPERATOR_MALFORMED', trips: true },
  'operator-unauthorized': { code: 'REV_OPERATOR_UNAUTHORIZED', trips: true },
  'operator-wrong-certificate': { code: 'REV_OPERATOR_WRONG_CERTIFICATE', trips: false },
  'operator-stale': { code: 'REV_OPERATOR_STALE', trips: false },
  'operator-from-the-future': { code: 'REV_OPERATOR_FROM_THE_FUTURE', trips: false },
} as const satisfies Record<string, { readonly code: ErrorCode; readonly trips: boolean }>

export type UnavailableCause = keyof typeof UNAVAILABLE_CAUSES
