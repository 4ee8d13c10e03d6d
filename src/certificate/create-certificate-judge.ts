import type { TrustAnchors } from './anchor/trust-anchor.ts'
import { runChecks } from './checks/run-checks.ts'
import type { CertificateJudge } from './judgement.ts'
import type { CertificateProfile } from './profile/certificate-profile.ts'
import type { RevocationSource } from './revocation/revocation-source.ts'

export interface CertificateJudgeDependencies {
  /** Both stores: the profile names the one that counts, the other serves to recognise a certificate of the other purpose. */
  readonly anchors: TrustAnchors
  readonly profile: CertificateProfile
  readonly revocation: RevocationSource
  readonly now: () => Date
}

/**
 * The judge the ceremony asks: from the bytes of a response to a verdict. It never throws for anything a response contains.
 *
 * ```ts
 * const judge = createCertificateJudge({ anchors, profile: jpkiAuthenticationProfile(), revocation, now })
 * const judgement = await judge.judge(response)
 * if (judgement.verdict === 'refused') throw new Refusal(judgement.code)
 * ```
 */
export function createCertificateJudge({
  anchors,
  profile,
  revocation,
  now,
}: CertificateJudgeDependencies): CertificateJudge {
  return {
    judge: ({ unverifiedCertificateDer, revocationPolicy, ...response }) =>
      runChecks({
        unverifiedDer: unverifiedCertificateDer,
        response,
        profile,
        anchors,
        revocation,
        revocationPolicy,
        now: now(),
      }),
  }
}
