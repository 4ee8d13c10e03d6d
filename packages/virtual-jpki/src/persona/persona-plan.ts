import type { Birthday } from '../certificate/calendar.ts'
import type { Generation } from '../certificate/certificate-authority.ts'
import type { Holder } from '../certificate/make-leaf.ts'
import type { LinkageMisbehaviour } from '../linkage/linkage-misbehaviours.ts'
import type { Medium, Relation, RevocationReason } from '../registry.ts'

/** PIN of every virtual card, and the password of its signature key. */
export const AUTHENTICATION_PIN = '1234'
export const SIGNATURE_PASSWORD = 'ABC123'

/** What a persona's log-in must end with; nothing means that it must succeed. */
export type ExpectedCode =
  | 'CERT_EXPIRED'
  | 'CERT_NOT_YET_VALID'
  | 'CERT_REVOKED'
  | 'CERT_UNTRUSTED_ISSUER'
  | 'CERT_WRONG_PURPOSE'
  | 'LINK_CHAIN_LOOP'
  | 'LINK_CHAIN_TOO_LONG'
  | 'LINK_SERVICE_UNAVAILABLE'
  | 'PIN_BLOCKED'

/** Years from now, and the moment within the year (UTC). */
export type PersonaDate = readonly [yearOffset: number, monthAndTime: string]

export interface PersonaPlan {
  readonly name: string
  readonly description: { readonly ja: string; readonly en: string }
  readonly expectedCode?: ExpectedCode
  /** Who that is, when another persona is the same person at another time, or with another key in hand. */
  readonly person?: string
  /** A phone of that person, with keys and certificates of its own (jpki.md §3). Default `card`. */
  readonly medium?: Medium
  /** The persona whose certificates these replaced; they are revoked as soon as this card is first asked for. */
  readonly replaces?: { readonly persona: string; readonly relation: Relation }
  /** Predecessors of which there are numbers and no cards; in a circle, the first of them replaced the card itself. */
  readonly forerunners?: { readonly count: number; readonly inCircle?: boolean }
  /** How every linkage question about this card goes wrong. */
  readonly linkage?: LinkageMisbehaviour
  /** `stranger`: a CA with the same name and another key. */
  readonly generation: Generation | 'stranger'
  readonly issued: PersonaDate
  readonly revoked?: { readonly at: PersonaDate; readonly reason: RevocationReason }
  /** No certificate says so, and no revocation reason either (jpki.md §4.2). */
  readonly hasDied?: boolean
  readonly triesLeft: number
  /** Which certificate lies where the authentication certificate belongs. */
  readonly inAuthenticationSlot: 'authentication' | 'signature'
  readonly birthday: Birthday
  readonly holder: Holder
}

/** Of a birth date as signature certificates write it: era digit, Gregorian year, month, day. */
export function birthdayOf({ birthDate }: Holder): Birthday {
  return { month: Number(birthDate.slice(5, 7)), day: Number(birthDate.slice(7, 9)) }
}
