import { sign, type KeyObject } from 'node:crypto'
import { createVirtualJpki, type IssuedCertificate, type VirtualJpki } from '@sekisho/virtual-jpki'
import { loadTrustAnchors } from '../../../src/certificate/anchor/load-trust-anchors.ts'
import type { TrustAnchors } from '../../../src/certificate/anchor/trust-anchor.ts'
import { createCertificateJudge } from '../../../src/certificate/create-certificate-judge.ts'
import type { CardResponse, Judgement } from '../../../src/certificate/judgement.ts'
import type { CertificateProfile } from '../../../src/certificate/profile/certificate-profile.ts'
import { jpkiAuthenticationProfile } from '../../../src/certificate/profile/jpki-profiles.ts'
import type { RevocationSource } from '../../../src/certificate/revocation/revocation-source.ts'
import { VIRTUAL_KEYS } from '../virtual-keys.ts'

/** A day like any other; everything virtual is dated from its year. */
export const A_DAY = new Date('2026-11-22T03:00:00Z')

/** 128 octets, as `buildTranscript` makes them. */
export const A_TRANSCRIPT = Buffer.alloc(128, 'sekisho')

/** The virtual PKI that most tests of certificates use: one seed, so that its keys are found in the cache. */
export function openJpki(now: () => Date = () => A_DAY, publicUrl?: () => string): Promise<VirtualJpki> {
  return createVirtualJpki({
    seed: 'certificate tests',
    now,
    cacheDirectory: VIRTUAL_KEYS,
    ...(publicUrl === undefined ? {} : { publicUrl }),
  })
}

export function anchorsOf(jpki: VirtualJpki): TrustAnchors {
  return loadTrustAnchors({ ...jpki.anchors, trustVirtual: true })
}

/** Says `good` to everything; for tests of what comes before. */
export const goodSource: RevocationSource = {
  method: 'ocsp',
  name: 'good to everything',
  check: async () => ({ status: 'good', method: 'ocsp', source: 'good to everything', checkedAt: A_DAY }),
}

/** A source that must not be asked: whoever asks has asked too early. */
export const neverAsked: RevocationSource = {
  method: 'ocsp',
  name: 'never asked',
  check: async () => {
    throw new Error('revocation was asked')
  },
}

export interface CourtOptions {
  readonly anchors: TrustAnchors
  readonly profile?: CertificateProfile
  readonly revocation?: RevocationSource
  readonly at?: Date
}

export interface Holder {
  readonly certificateDer: Uint8Array
  readonly privateKey: KeyObject
}

/** Judges the response of a card that signed the transcript. */
export function judgeResponse(
  { certificateDer, privateKey }: Holder | IssuedCertificate,
  options: CourtOptions,
  changes: Partial<CardResponse> = {},
): Promise<Judgement> {
  const { anchors, profile = jpkiAuthenticationProfile(), revocation = goodSource, at = A_DAY } = options
  const judge = createCertificateJudge({ anchors, profile, revocation, now: () => at })
  return judge.judge({
    unverifiedCertificateDer: certificateDer,
    unverifiedSignature: signTranscript(privateKey),
    algorithm: privateKey.asymmetricKeyType === 'ec' ? 'ES384' : 'RS256',
    transcript: A_TRANSCRIPT,
    revocationPolicy: 'require-good',
    ...changes,
  })
}

export function signTranscript(privateKey: KeyObject, transcript: Uint8Array = A_TRANSCRIPT): Buffer {
  return privateKey.asymmetricKeyType === 'ec'
    ? sign('sha384', transcript, { key: privateKey, dsaEncoding: 'ieee-p1363' })
    : sign('sha256', transcript, privateKey)
}

/** The code of a refusal, or the verdict. */
export const outcomeOf = (judgement: Judgement): string =>
  judgement.verdict === 'refused' ? judgement.code : judgement.verdict
