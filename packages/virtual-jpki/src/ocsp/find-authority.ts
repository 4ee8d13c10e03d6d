import { createHash } from 'node:crypto'

import type { CertificateAuthority } from '../certificate/certificate-authority.ts'
import { subjectPublicKeyOctets } from '../certificate/public-key.ts'
import type { CertId } from './read-ocsp-request.ts'

/** RFC 6960 §4.1.1: the CA is named by the hash of its name and the hash of its key; the name alone would fit all three. */
export function findAuthority(
  authorities: readonly CertificateAuthority[],
  certId: CertId,
): CertificateAuthority | undefined {
  const { hash } = certId
  if (hash === undefined) return undefined
  const digest = (bytes: Uint8Array): Buffer => createHash(hash).update(bytes).digest()
  return authorities.find(
    (authority) =>
      digest(authority.nameDer).equals(certId.issuerNameHash) &&
      digest(subjectPublicKeyOctets(authority.publicKeyDer)).equals(certId.issuerKeyHash),
  )
}
