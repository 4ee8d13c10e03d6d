import { importPublicKey } from '../algorithm/import-public-key.ts'
import { keyIsAllowed } from '../profile/key-rules.ts'
import type { CertificateCheck } from './examination.ts'

/** The allow list of keys (jpki.md §2.5); a key that is on it by its looks and still is none is weak as well. */
export const checkKeyAlgorithm: CertificateCheck = {
  name: 'key-algorithm',
  judge(examination) {
    const { publicKey } = examination.certificate
    const { keys } = examination.profile
    if (!keyIsAllowed(publicKey.shape, keys)) {
      return keys.some(({ type }) => type === publicKey.shape.type) ? 'CERT_WEAK_KEY' : 'CERT_UNSUPPORTED_ALGORITHM'
    }
    const key = importPublicKey(publicKey.spkiDer)
    if (key === undefined) return 'CERT_WEAK_KEY'
    examination.key = key
    return 'passed'
  },
}
