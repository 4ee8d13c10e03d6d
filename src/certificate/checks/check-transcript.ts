import { verify } from 'node:crypto'
import { publicKeyPem } from '../algorithm/public-key-pem.ts'
import type { CardResponse } from '../judgement.ts'
import type { PublicKeyShape, SubjectPublicKey } from '../x509/read-public-key.ts'
import type { CertificateCheck } from './examination.ts'

type Possession = Pick<CardResponse, 'unverifiedSignature' | 'algorithm' | 'transcript'>

/** protocol.md "Bytes that are signed": possession of the key, shown over the transcript the provider rebuilt. */
export const checkTranscript: CertificateCheck = {
  name: 'transcript',
  judge({ subject: { response }, certificate: { publicKey } }) {
    if (response === undefined) return 'unchecked'
    // the certificate's key decides; the name in the response may only agree with it
    if (response.algorithm !== algorithmFor(publicKey.shape)) return 'CERT_TRANSCRIPT_MISMATCH'
    return signatureHolds(response, publicKey) ? 'passed' : 'CERT_TRANSCRIPT_MISMATCH'
  },
}

function algorithmFor(shape: PublicKeyShape): CardResponse['algorithm'] | undefined {
  if (shape.type === 'rsa') return 'RS256'
  return shape.type === 'ec' && shape.curve === 'P-384' ? 'ES384' : undefined
}

/** Straight from the text of the key: each card's is used once, and needs no object of its own. */
function signatureHolds({ algorithm, transcript, unverifiedSignature }: Possession, key: SubjectPublicKey): boolean {
  switch (algorithm) {
    case 'RS256':
      // RFC 8017 §8.2.2, compared as a whole by OpenSSL (see verify-signature.ts)
      return verify('sha256', transcript, publicKeyPem(key), unverifiedSignature)
    case 'ES384':
      return verify('sha384', transcript, { key: publicKeyPem(key), dsaEncoding: 'ieee-p1363' }, unverifiedSignature)
  }
}
