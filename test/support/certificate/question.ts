import type { IssuedCertificate } from '@sekisho/virtual-jpki'
import { chooseIssuer } from '../../../src/certificate/anchor/choose-issuer.ts'
import type { TrustAnchors } from '../../../src/certificate/anchor/trust-anchor.ts'
import type { RevocationAnswer, RevocationQuestion } from '../../../src/certificate/revocation/revocation-source.ts'
import { parseCertificate } from '../../../src/certificate/x509/parse-certificate.ts'
import { A_DAY } from './court.ts'

/** What a judge asks a source about a certificate that passed. */
export function questionAbout(
  issued: Pick<IssuedCertificate, 'certificateDer'>,
  anchors: TrustAnchors,
): RevocationQuestion {
  const certificate = parseCertificate(issued.certificateDer)
  const issuer =
    chooseIssuer(certificate, anchors.authentication, A_DAY.getTime()) ??
    chooseIssuer(certificate, anchors.signature, A_DAY.getTime())
  if (issuer === undefined) throw new Error('the certificate was not issued by any of the anchors')
  return { certificate, issuer }
}

/** The status, or why there is none. */
export const statusOf = (answer: RevocationAnswer): string =>
  answer.status === 'unavailable' ? answer.cause : answer.status
