import type { CertificateIdentity, CheckOutcome, Judgement } from '../judgement.ts'
import { CERTIFICATE_CHECKS } from './certificate-checks.ts'
import { Examination, type ExaminationSubject } from './examination.ts'

/** Sends one certificate through {@link CERTIFICATE_CHECKS} until one refuses. */
export async function runChecks(subject: ExaminationSubject): Promise<Judgement> {
  const examination = new Examination(subject)
  const checks: CheckOutcome[] = []
  for (const check of CERTIFICATE_CHECKS) {
    const judged = check.judge(examination)
    const verdict = typeof judged === 'string' ? judged : await judged
    if (verdict !== 'passed' && verdict !== 'unchecked') {
      checks.push({ check: check.name, outcome: 'refused' })
      return { verdict: 'refused', code: verdict, checks }
    }
    checks.push({ check: check.name, outcome: verdict })
  }
  const { revocation } = examination
  if (revocation === undefined) throw new TypeError('revocation was not judged')
  return {
    verdict: revocation.status === 'good' ? 'good' : 'unchecked',
    identity: identityOf(examination),
    revocation,
    checks,
  }
}

/** Copies, so that the certificate itself can be forgotten (design.md §5). */
function identityOf({ certificate, issuer, profile }: Examination): CertificateIdentity {
  const policies = certificate.known.certificatePolicies?.policies ?? []
  return {
    medium: policies.some((policy) => profile.phonePolicies.includes(policy)) ? 'phone' : 'card',
    issuerNameDer: Buffer.from(certificate.issuerNameDer),
    serialNumber: Buffer.from(certificate.serialNumber),
    issuerKeyId: issuer.keyId,
    publicKeyDer: Buffer.from(certificate.publicKey.spkiDer),
    notAfter: new Date(certificate.notAfter),
  }
}
