import { DerFault } from '../der/der-fault.ts'
import { parseCertificate } from '../x509/parse-certificate.ts'
import type { CertificateCheck } from './examination.ts'

/** Nothing longer is even read, whatever the profile. */
const MAX_DER_BYTES = 1024 * 1024

/** Strict DER of RFC 5280 §4.1, no octet left over. */
export const checkParse: CertificateCheck = {
  name: 'parse',
  judge(examination) {
    const { unverifiedDer } = examination.subject
    if (unverifiedDer.length > MAX_DER_BYTES) return 'CERT_TOO_LARGE'
    try {
      examination.certificate = parseCertificate(unverifiedDer)
      return 'passed'
    } catch (error) {
      if (error instanceof DerFault) return 'CERT_MALFORMED'
      throw error
    }
  },
}
