import type { CertificateCheck } from './examination.ts'

/** The holder of a CA certificate is not a person; and nothing may stand between anchor and leaf (RFC 5280 §4.2.1.9, §4.2.1.3). */
export const checkNotCa: CertificateCheck = {
  name: 'not-ca',
  judge({ certificate: { known } }) {
    if (known.basicConstraints?.isCa === true) return 'CERT_IS_CA'
    if (known.keyUsage?.some((usage) => usage === 'keyCertSign' || usage === 'cRLSign') === true) return 'CERT_IS_CA'
    return 'passed'
  },
}
