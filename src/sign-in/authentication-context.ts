import type { RevocationVerdict } from '../certificate/judgement.ts'

/** OpenID EAP ACR values §2: phishing-resistant, hardware-protected. */
export const ACR_PHRH = 'phrh'
/** The site allowed a certificate whose revocation could not be learned. */
export const ACR_UNCHECKED = 'urn:sekisho:acr:revocation-unchecked'

export const ACR_VALUES = [ACR_PHRH, ACR_UNCHECKED] as const
export type Acr = (typeof ACR_VALUES)[number]

/** RFC 8176 §2: smart card, hardware-secured key, PIN, multiple factors, user presence. */
export const AMR = ['sc', 'hwk', 'pin', 'mfa', 'user'] as const

/** Only a revocation answer that says "good" makes the strong class; doubt is told, never hidden (design.md §8). */
export function acrOf(revocation: RevocationVerdict): Acr {
  return revocation.status === 'good' ? ACR_PHRH : ACR_UNCHECKED
}
