import { placeInValidity } from '../x509/validity.ts'
import type { CertificateCheck } from './examination.ts'

/** RFC 5280 §6.1.3 (a)(2), for the certificate and for its anchor too: a root that has ended vouches for nobody (design.md §7). */
export const checkValidity: CertificateCheck = {
  name: 'validity',
  judge({ certificate, issuer, nowMs }) {
    const place = placeInValidity(certificate, nowMs)
    if (place === 'before') return 'CERT_NOT_YET_VALID'
    if (place === 'after') return 'CERT_EXPIRED'
    return placeInValidity(issuer.certificate, nowMs) === 'within' ? 'passed' : 'CERT_ISSUER_EXPIRED'
  },
}
