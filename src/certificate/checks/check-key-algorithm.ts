import { importPublicKey } from '../algorithm/import-public-key.ts'
import { keyIsAllowed } from '../profile/key-rules.ts'
import type { CertificateCheck } from './examination.ts'

/** The allow list of keys (jpki.md §2.5); a point that is not on its curve is a weak key as well. */
export const checkKeyAlgorithm: CertificateCheck = {
  name: 'key-algorithm',
  judge({ certificate: { publicKey }, profile: { keys } }) {
    if (!keyIsAllowed(publicKey.shape, keys)) {
      return keys.some(({ type }) => type === publicKey.shape.type) ? 'CERT_WEAK_KEY' : 'CERT_UNSUPPORTED_ALGORITHM'
    }
    // every odd number of the right length is a modulus; a point has to be looked at
    if (publicKey.shape.type === 'ec' && importPublicKey(publicKey) === undefined) return 'CERT_WEAK_KEY'
    return 'passed'
  },
}
