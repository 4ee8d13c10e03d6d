import { serialNumberFor } from '../certificate/serial-number.ts'
import type { KeyStore } from '../key/create-key-store.ts'
import type { CertificateKey, RegisteredCertificate, Relation } from '../registry.ts'
import type { SaidWrong } from './linkage-misbehaviours.ts'
import type { LinkageQuestion, PreviousCertificate } from './linkage-question.ts'

/** Which certificate the service names: the one that was replaced, unless it is ordered to name another. */
export function choosePrevious(
  entry: RegisteredCertificate,
  saidWrong: SaidWrong | undefined,
  somebodyElse: (entry: RegisteredCertificate) => RegisteredCertificate | undefined,
): (CertificateKey & { readonly relation: Relation }) | undefined {
  const relation = entry.previous?.relation ?? 'renewed'
  switch (saidWrong) {
    case 'denies-link':
      return undefined
    case 'self-link':
      return { ...keyOf(entry), relation }
    case 'wrong-person': {
      const other = somebodyElse(entry)
      return other && { ...keyOf(other), relation }
    }
    case 'wrong-issuer': {
      const authority = entry.authority.startsWith('authentication') ? 'signature-3' : 'authentication-3'
      return { authority, serialNumber: (entry.previous ?? entry).serialNumber, relation }
    }
    default:
      return entry.previous && { ...keyOf(entry.previous), relation }
  }
}

/** A predecessor that never was, the same one for the same question. */
export function inventPrevious(keys: KeyStore, question: LinkageQuestion): PreviousCertificate {
  return {
    issuerNameDer: Buffer.from(question.issuerNameDer),
    serialNumber: serialNumberFor(keys, `predecessor of ${question.serialNumber}`, 0),
    relation: 'renewed',
  }
}

const keyOf = ({ authority, serialNumber }: CertificateKey): CertificateKey => ({ authority, serialNumber })
