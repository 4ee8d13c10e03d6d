import type { Birthday } from '../certificate/calendar.ts'
import type { Holder } from '../certificate/make-leaf.ts'
import type { Purpose } from '../certificate/distinguished-names.ts'
import type { CertificateKey, Medium } from '../registry.ts'

/** A certificate that was issued and can be made whenever somebody wants to see it: key and bytes follow from this. */
export interface PlannedCertificate extends CertificateKey {
  readonly purpose: Purpose
  /** Names key and code within the seed. */
  readonly label: string
  readonly notBefore: Date
  readonly notAfter: Date
}

/** A card or a phone with its two keys. Whoever gets new certificates gets a new one of these. */
export interface Token {
  readonly medium: Medium
  readonly authentication: PlannedCertificate
  readonly signature: PlannedCertificate
  /** Which certificate lies where the authentication certificate belongs. */
  readonly inAuthenticationSlot: Purpose
  readonly triesLeft: number
  /** As at issue: what the signature certificate says. */
  readonly holder: Holder
}

/** What a persona has now. Two personas may be one person, at two times of life. */
export interface Resident {
  readonly persona: string
  readonly person: string
  readonly holder: Holder
  readonly birthday: Birthday
  /** Of a persona that is a phone, that. */
  readonly card: Token
  readonly phone: Token | undefined
  /** Since the persona began; they number the labels. */
  readonly issued: Readonly<Record<Medium, number>>
}
