import type { CertificateAuthority } from '../certificate/certificate-authority.ts'
import type { CertificateRegistry, RegisteredCertificate } from '../registry.ts'
import type { LinkageError, LinkageQuestion } from './linkage-question.ts'

/**
 * The one certificate a question means. Without a key identifier that is whatever any generation issued under this number; our
 * generations share no number, but a test may order otherwise.
 */
export function findAsked(
  deps: { readonly authorities: readonly CertificateAuthority[]; readonly registry: CertificateRegistry },
  { issuerNameDer, issuerKeyId, serialNumber }: LinkageQuestion,
): RegisteredCertificate | LinkageError {
  const found = deps.authorities
    .filter(({ nameDer }) => nameDer.equals(issuerNameDer))
    .filter(({ keyId }) => issuerKeyId === undefined || keyId.equals(issuerKeyId))
    .map((authority) => deps.registry.find(authority.name, serialNumber))
    .filter((entry) => entry !== undefined)
  const [first] = found
  if (first === undefined) return 'unknown-certificate'
  return found.length > 1 ? 'ambiguous-certificate' : first
}
