import type { CertificateCheck } from './examination.ts'

/** A certificate of this kind is never this long (jpki.md §2.3). */
export const checkSize: CertificateCheck = {
  name: 'size',
  judge: ({ certificate, profile }) => (certificate.der.length <= profile.maxBytes ? 'passed' : 'CERT_TOO_LARGE'),
}
