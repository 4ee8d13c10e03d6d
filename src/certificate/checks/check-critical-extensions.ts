import { OID } from '../x509/oids.ts'
import type { CertificateCheck } from './examination.ts'

/** RFC 5280 §4.2, §6.1.4 (o), §6.1.5 (f): what is critical and not processed here refuses the certificate. */
export const checkCriticalExtensions: CertificateCheck = {
  name: 'critical-extensions',
  judge({ certificate, profile }) {
    for (const { oid, critical } of certificate.extensions) {
      if (!critical) continue
      if (!profile.processedExtensions.includes(oid)) return 'CERT_UNKNOWN_CRITICAL_EXTENSION'
      // RFC 5280 §4.2.1.4: critical policies, so their qualifiers must be understood too
      if (oid === OID.certificatePolicies && certificate.known.certificatePolicies?.qualifiersKnown !== true) {
        return 'CERT_UNKNOWN_CRITICAL_EXTENSION'
      }
    }
    return 'passed'
  },
}
