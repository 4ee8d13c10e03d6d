import type { CertificateCheck } from './examination.ts'

/** RFC 5280 §4.2.1.12: the purposes of the profile are named; anyExtendedKeyUsage is not taken for them. */
export const checkExtendedKeyUsage: CertificateCheck = {
  name: 'extended-key-usage',
  judge({ certificate, profile }) {
    if (profile.extendedKeyUsage === undefined) return 'unchecked'
    const purposes = certificate.known.extendedKeyUsage ?? []
    return profile.extendedKeyUsage.every((purpose) => purposes.includes(purpose))
      ? 'passed'
      : 'CERT_WRONG_EXTENDED_KEY_USAGE'
  },
}
