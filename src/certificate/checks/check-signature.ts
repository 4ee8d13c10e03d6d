import { verifySignature } from '../algorithm/verify-signature.ts'
import type { CertificateCheck } from './examination.ts'

/** RFC 5280 §6.1.3 (a)(1): the signature of the certificate, with the key of the anchor. */
export const checkSignature: CertificateCheck = {
  name: 'signature',
  judge({ certificate, issuer, profile }) {
    switch (verifySignature(certificate, issuer.key, profile.signatureAlgorithms)) {
      case 'valid':
        return 'passed'
      case 'invalid':
        return 'CERT_BAD_SIGNATURE'
      case 'algorithm-not-allowed':
        return 'CERT_UNSUPPORTED_ALGORITHM'
    }
  },
}
