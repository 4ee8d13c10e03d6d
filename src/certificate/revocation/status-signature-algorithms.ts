import type { SignatureAlgorithmName } from '../algorithm/signature-algorithms.ts'

/** How OCSP answers, revocation lists and the certificates of OCSP delegates may be signed. */
export const STATUS_SIGNATURE_ALGORITHMS: readonly SignatureAlgorithmName[] = [
  'rsa-sha256',
  'rsa-sha384',
  'rsa-sha512',
  'ecdsa-sha256',
  'ecdsa-sha384',
  'ecdsa-sha512',
]
