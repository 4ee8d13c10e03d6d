import { sameBytes } from '../der/same-bytes.ts'
import type { UnverifiedCertificate } from '../x509/unverified-certificate.ts'
import { placeInValidity } from '../x509/validity.ts'
import type { TrustAnchor } from './trust-anchor.ts'

/**
 * The anchor a certificate says it was issued by: by key identifier, because all generations share one name (jpki.md §9.2), and by
 * name, byte for byte. Nothing is believed yet: the signature is the next check.
 *
 * When one key stands in several certificates (a root that was renewed), one that is valid now is preferred.
 */
export function chooseIssuer(
  certificate: UnverifiedCertificate,
  anchors: readonly TrustAnchor[],
  nowMs: number,
): TrustAnchor | undefined {
  const authorityKeyId = certificate.known.authorityKeyIdentifier?.keyId
  if (authorityKeyId === undefined) return undefined
  let chosen: TrustAnchor | undefined
  for (const anchor of anchors) {
    if (!sameBytes(anchor.keyId, authorityKeyId)) continue
    if (!sameBytes(anchor.certificate.subjectNameDer, certificate.issuerNameDer)) continue
    if (chosen === undefined || (!isValidAt(chosen, nowMs) && isValidAt(anchor, nowMs))) chosen = anchor
  }
  return chosen
}

function isValidAt({ certificate }: TrustAnchor, nowMs: number): boolean {
  return placeInValidity(certificate, nowMs) === 'within'
}
