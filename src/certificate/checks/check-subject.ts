import type { CertificateCheck } from './examination.ts'

/** The form of the subject only: a country and a code (jpki.md §2.3). What the code says is nobody's business. */
export const checkSubject: CertificateCheck = {
  name: 'subject',
  judge({ certificate: { subject }, profile: { subject: form } }) {
    if (form === undefined) return 'unchecked'
    if (subject.length !== form.length) return 'CERT_WRONG_SUBJECT'
    const fits = form.every(({ type, value, maxLength }, index) => {
      const attribute = subject[index]
      if (attribute?.type !== type || attribute.text === undefined) return false
      if (attribute.text.length === 0 || attribute.text.length > maxLength) return false
      return value === undefined || attribute.text === value
    })
    return fits ? 'passed' : 'CERT_WRONG_SUBJECT'
  },
}
