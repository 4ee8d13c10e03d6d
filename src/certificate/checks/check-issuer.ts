import { chooseIssuer } from '../anchor/choose-issuer.ts'
import type { AnchorPurpose } from '../profile/certificate-profile.ts'
import type { CertificateCheck } from './examination.ts'

const OTHER_PURPOSE: Readonly<Record<AnchorPurpose, AnchorPurpose>> = {
  authentication: 'signature',
  signature: 'authentication',
}

/** design.md §7: issuer chosen by AKI among the anchors of this purpose. One of the other purpose is recognised, and refused by name. */
export const checkIssuer: CertificateCheck = {
  name: 'issuer',
  judge(examination) {
    const { certificate, nowMs, profile } = examination
    const { anchors } = examination.subject
    const issuer = chooseIssuer(certificate, anchors[profile.purpose], nowMs)
    if (issuer !== undefined) {
      examination.issuer = issuer
      return 'passed'
    }
    const other = chooseIssuer(certificate, anchors[OTHER_PURPOSE[profile.purpose]], nowMs)
    return other === undefined ? 'CERT_UNTRUSTED_ISSUER' : 'CERT_WRONG_PURPOSE'
  },
}
