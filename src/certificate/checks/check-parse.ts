import { tryParseCertificate } from '../x509/parse-certificate.ts'
import type { CertificateCheck } from './examination.ts'

/** Nothing longer is even read, whatever the profile. */
const MAX_DER_BYTES = 1024 * 1024

/** Strict DER of RFC 5280 §4.1, no octet left over. */
export const checkParse: CertificateCheck = {
  name: 'parse',
  judge(examination) {
    const { unverifiedDer } = examination.subject
    if (unverifiedDer.length > MAX_DER_BYTES) return 'CERT_TOO_LARGE'
    const certificate = tryParseCertificate(unverifiedDer)
    if (certificate === undefined) return 'CERT_MALFORMED'
    examination.certificate = certificate
    return 'passed'
  },
}
