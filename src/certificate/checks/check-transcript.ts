import { verify, type KeyObject } from 'node:crypto'
import type { CardResponse } from '../judgement.ts'
import type { PublicKeyShape } from '../x509/read-public-key.ts'
import type { CertificateCheck } from './examination.ts'

/** protocol.md "Bytes that are signed": possession of the key, shown over the transcript the provider rebuilt. */
export const checkTranscript: CertificateCheck = {
  name: 'transcript',
  judge({ subject: { response }, certificate, key }) {
    if (response === undefined) return 'unchecked'
    // the certificate's key decides; the name in the response may only agree with it
    if (response.algorithm !== algorithmFor(certificate.publicKey.shape)) return 'CERT_TRANSCRIPT_MISMATCH'
    return signatureHolds(response, key) ? 'passed' : 'CERT_TRANSCRIPT_MISMATCH'
  },
}

function algorithmFor(shape: PublicKeyShape): CardResponse['algorithm'] | undefined {
  if (shape.type === 'rsa') return 'RS256'
  return shape.type === 'ec' && shape.curve === 'P-384' ? 'ES384' : undefined
}

function signatureHolds(
  {
    algorithm,
    transcript,
    unverifiedSignature,
  }: Pick<CardResponse, 'unverifiedSignature' | 'algorithm' | 'transcript'>,
  key: KeyObject,
): boolean {
  switch (algorithm) {
    case 'RS256':
      // RFC 8017 §8.2.2, compared as a whole by OpenSSL (see verify-signature.ts)
      return verify('sha256', transcript, key, unverifiedSignature)
    case 'ES384':
      return verify('sha384', transcript, { key, dsaEncoding: 'ieee-p1363' }, unverifiedSignature)
  }
}
