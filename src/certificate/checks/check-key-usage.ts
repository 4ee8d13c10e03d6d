import { OID } from '../x509/oids.ts'
import type { CertificateCheck } from './examination.ts'

/** RFC 5280 §4.2.1.3: critical, and exactly the bits of the profile. */
export const checkKeyUsage: CertificateCheck = {
  name: 'key-usage',
  judge({ certificate, profile }) {
    if (profile.keyUsage === undefined) return 'unchecked'
    const usages = certificate.known.keyUsage ?? []
    const isCritical = certificate.extensions.some(({ oid, critical }) => oid === OID.keyUsage && critical)
    const isExact =
      usages.length === profile.keyUsage.length && profile.keyUsage.every((usage) => usages.includes(usage))
    return isCritical && isExact ? 'passed' : 'CERT_WRONG_KEY_USAGE'
  },
}
