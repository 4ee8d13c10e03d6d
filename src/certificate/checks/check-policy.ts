import type { CertificateCheck } from './examination.ts'

/** RFC 5280 §4.2.1.4, as an allow list: anyPolicy is not on it. */
export const checkPolicy: CertificateCheck = {
  name: 'policy',
  judge({ certificate, profile }) {
    const { acceptedPolicies } = profile
    if (acceptedPolicies === undefined) return 'unchecked'
    const policies = certificate.known.certificatePolicies?.policies ?? []
    return policies.some((policy) => acceptedPolicies.includes(policy)) ? 'passed' : 'CERT_WRONG_POLICY'
  },
}
