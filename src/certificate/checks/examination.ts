import type { TrustAnchor, TrustAnchors } from '../anchor/trust-anchor.ts'
import type { ErrorCode } from '../../error-registry/registry.ts'
import type { CardResponse, RevocationPolicy, RevocationVerdict } from '../judgement.ts'
import type { CertificateProfile } from '../profile/certificate-profile.ts'
import type { RevocationSource } from '../revocation/revocation-source.ts'
import type { UnverifiedCertificate } from '../x509/unverified-certificate.ts'

/** What a check says: an error code refuses. `unchecked` means that the profile or policy asks for nothing here. */
export type CheckVerdict = 'passed' | 'unchecked' | ErrorCode

export interface CertificateCheck {
  /** Verb-first name of its file without the verb: `key-usage`. */
  readonly name: string
  judge(examination: Examination): CheckVerdict | Promise<CheckVerdict>
}

export interface ExaminationSubject {
  readonly unverifiedDer: Uint8Array
  readonly response: Pick<CardResponse, 'unverifiedSignature' | 'algorithm' | 'transcript'> | undefined
  readonly profile: CertificateProfile
  readonly anchors: TrustAnchors
  readonly revocation: RevocationSource
  readonly revocationPolicy: RevocationPolicy
  readonly now: Date
}

/** One certificate on its way through the list of checks. Later checks read what earlier ones found. */
export class Examination {
  readonly subject: ExaminationSubject
  readonly nowMs: number
  #certificate: UnverifiedCertificate | undefined
  #issuer: TrustAnchor | undefined
  /** Set by the last check. */
  revocation: RevocationVerdict | undefined

  constructor(subject: ExaminationSubject) {
    this.subject = subject
    this.nowMs = subject.now.getTime()
  }

  get profile(): CertificateProfile {
    return this.subject.profile
  }

  get certificate(): UnverifiedCertificate {
    return found(this.#certificate)
  }

  set certificate(certificate: UnverifiedCertificate) {
    this.#certificate = certificate
  }

  get issuer(): TrustAnchor {
    return found(this.#issuer)
  }

  set issuer(issuer: TrustAnchor) {
    this.#issuer = issuer
  }
}

function found<T>(value: T | undefined): T {
  if (value === undefined) throw new TypeError('a check ran before the one it builds on')
  return value
}
