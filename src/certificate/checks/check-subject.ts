import { sameBytes } from '../der/same-bytes.ts'
import { TAG } from '../der/tags.ts'
import type { CertificateCheck } from './examination.ts'

/** The form of the subject only: a country and a code (jpki.md §2.3). What the code says is nobody's business. */
export const checkSubject: CertificateCheck = {
  name: 'subject',
  judge({ certificate: { subject }, profile: { subject: form } }) {
    if (form === undefined) return 'unchecked'
    if (subject.length !== form.length) return 'CERT_WRONG_SUBJECT'
    const fits = form.every(({ type, value, maxOctets }, index) => {
      const attribute = subject[index]
      if (attribute?.type !== type || !isText(attribute.tag)) return false
      const { length } = attribute.value
      if (length === 0 || length > maxOctets) return false
      return value === undefined || sameBytes(attribute.value, Buffer.from(value))
    })
    return fits ? 'passed' : 'CERT_WRONG_SUBJECT'
  },
}

/** RFC 5280 §4.1.2.4: the two encodings new names use. */
function isText(tag: number): boolean {
  return tag === TAG.utf8String || tag === TAG.printableString
}
