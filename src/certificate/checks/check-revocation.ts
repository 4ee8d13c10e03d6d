import type { RevocationPolicy } from '../judgement.ts'
import type { SourceStatus } from '../revocation/revocation-source.ts'
import { UNAVAILABLE_CAUSES } from '../revocation/unavailable-cause.ts'
import type { CertificateCheck, CheckVerdict } from './examination.ts'

/** Last of all, so that nobody without a card can make us ask (design.md §7). */
export const checkRevocation: CertificateCheck = {
  name: 'revocation',
  async judge(examination) {
    const { certificate, issuer } = examination
    const { revocation, revocationPolicy } = examination.subject
    const { validUntil: _, ...verdict } = await revocation.check({ certificate, issuer })
    examination.revocation = verdict
    return applyPolicy(verdict, revocationPolicy)
  },
}

/** "Unknown" is not revoked, "unavailable" is not good; neither is ever turned into the other. */
function applyPolicy(verdict: SourceStatus, policy: RevocationPolicy): CheckVerdict {
  switch (verdict.status) {
    case 'good':
      return 'passed'
    case 'revoked':
      return 'CERT_REVOKED'
    case 'unknown':
      return policy === 'allow-unchecked' ? 'unchecked' : 'REV_UNKNOWN'
    case 'unavailable':
      return policy === 'allow-unchecked' ? 'unchecked' : UNAVAILABLE_CAUSES[verdict.cause].code
  }
}
