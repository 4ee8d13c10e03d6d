import type { CertificateCheck } from './examination.ts'

/** A certificate whose policy says it was made for something else: the signature certificate, named before its key usage is judged. */
export const checkPurpose: CertificateCheck = {
  name: 'purpose',
  judge({ certificate, profile }) {
    if (profile.otherPurposePolicies.length === 0) return 'unchecked'
    const policies = certificate.known.certificatePolicies?.policies ?? []
    return policies.some((policy) => profile.otherPurposePolicies.includes(policy)) ? 'CERT_WRONG_PURPOSE' : 'passed'
  },
}
