import { sameBytes } from '../der/same-bytes.ts'

/** A way to sign certificates, CRLs and OCSP answers that is still good enough. SHA-1 and MD5 have no entry, and never will. */
export type SignatureAlgorithmName =
  'rsa-sha256' | 'rsa-sha384' | 'rsa-sha512' | 'ecdsa-sha256' | 'ecdsa-sha384' | 'ecdsa-sha512'

export interface SignatureAlgorithmEntry {
  readonly name: SignatureAlgorithmName
  /** The whole AlgorithmIdentifier, so that its parameters are part of the match. */
  readonly der: Uint8Array
  readonly keyType: 'rsa' | 'ec'
  readonly digest: 'sha256' | 'sha384' | 'sha512'
}

const hex = (text: string): Uint8Array => Buffer.from(text, 'hex')

/** Parameters are NULL for PKCS #1 (RFC 4055 §5) and absent for ECDSA (RFC 5758 §3.2). */
export const SIGNATURE_ALGORITHMS: readonly SignatureAlgorithmEntry[] = [
  { name: 'rsa-sha256', der: hex('300d06092a864886f70d01010b0500'), keyType: 'rsa', digest: 'sha256' },
  { name: 'rsa-sha384', der: hex('300d06092a864886f70d01010c0500'), keyType: 'rsa', digest: 'sha384' },
  { name: 'rsa-sha512', der: hex('300d06092a864886f70d01010d0500'), keyType: 'rsa', digest: 'sha512' },
  { name: 'ecdsa-sha256', der: hex('300a06082a8648ce3d040302'), keyType: 'ec', digest: 'sha256' },
  { name: 'ecdsa-sha384', der: hex('300a06082a8648ce3d040303'), keyType: 'ec', digest: 'sha384' },
  { name: 'ecdsa-sha512', der: hex('300a06082a8648ce3d040304'), keyType: 'ec', digest: 'sha512' },
]

/** @param algorithmDer an AlgorithmIdentifier as it stands */
export function signatureAlgorithmOf(algorithmDer: Uint8Array): SignatureAlgorithmEntry | undefined {
  return SIGNATURE_ALGORITHMS.find(({ der }) => sameBytes(der, algorithmDer))
}
