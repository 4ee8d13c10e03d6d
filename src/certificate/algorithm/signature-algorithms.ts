/** A way to sign certificates, CRLs and OCSP answers that is still good enough. SHA-1 and MD5 have no entry, and never will. */
export type SignatureAlgorithmName =
  'rsa-sha256' | 'rsa-sha384' | 'rsa-sha512' | 'ecdsa-sha256' | 'ecdsa-sha384' | 'ecdsa-sha512'

export interface SignatureAlgorithmEntry {
  readonly name: SignatureAlgorithmName
  readonly keyType: 'rsa' | 'ec'
  readonly digest: 'sha256' | 'sha384' | 'sha512'
}

/**
 * By the whole AlgorithmIdentifier in hexadecimal, so that its parameters are part of the match:
 * NULL for PKCS #1 (RFC 4055 §5), absent for ECDSA (RFC 5758 §3.2).
 */
export const SIGNATURE_ALGORITHMS: Readonly<Record<string, SignatureAlgorithmEntry>> = {
  '300d06092a864886f70d01010b0500': { name: 'rsa-sha256', keyType: 'rsa', digest: 'sha256' },
  '300d06092a864886f70d01010c0500': { name: 'rsa-sha384', keyType: 'rsa', digest: 'sha384' },
  '300d06092a864886f70d01010d0500': { name: 'rsa-sha512', keyType: 'rsa', digest: 'sha512' },
  '300a06082a8648ce3d040302': { name: 'ecdsa-sha256', keyType: 'ec', digest: 'sha256' },
  '300a06082a8648ce3d040303': { name: 'ecdsa-sha384', keyType: 'ec', digest: 'sha384' },
  '300a06082a8648ce3d040304': { name: 'ecdsa-sha512', keyType: 'ec', digest: 'sha512' },
}

/** @param algorithmDer an AlgorithmIdentifier as it stands */
export function signatureAlgorithmOf(algorithmDer: Uint8Array): SignatureAlgorithmEntry | undefined {
  if (algorithmDer.length > 32) return undefined
  const hex = Buffer.from(algorithmDer).toString('hex')
  return Object.hasOwn(SIGNATURE_ALGORITHMS, hex) ? SIGNATURE_ALGORITHMS[hex] : undefined
}
