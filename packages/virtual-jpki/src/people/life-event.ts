import type { Purpose } from '../certificate/distinguished-names.ts'
import type { Holder } from '../certificate/make-leaf.ts'
import type { CertificateKey, Medium, Relation, RevocationReason } from '../registry.ts'

/** Everything that can happen to somebody and to a card. */
export const LIFE_EVENTS = ['issue', 'renew', 'reissue', 'hold', 'move', 'marry', 'die', 'phone'] as const
export type LifeEventName = (typeof LIFE_EVENTS)[number]

/** Of somebody whose card is lost: the theft is reported, or only that the card is gone (jpki.md §4.2). */
export const LOSS_REASONS = ['keyCompromise', 'unspecified'] as const

/** What shall happen, and to which persona. */
export type LifeEventOrder =
  /** Somebody new gets a first card. */
  | { readonly event: 'issue'; readonly persona: string; readonly holder?: Holder | undefined }
  | { readonly event: 'renew' | 'hold' | 'die' | 'phone'; readonly persona: string }
  /** Default `keyCompromise`. */
  | {
      readonly event: 'reissue'
      readonly persona: string
      readonly reason?: (typeof LOSS_REASONS)[number] | undefined
    }
  | { readonly event: 'move'; readonly persona: string; readonly address?: string | undefined }
  /** The new name: family name, full-width space, given name. */
  | { readonly event: 'marry'; readonly persona: string; readonly name?: string | undefined }

/** One line of what an event did to the registry. */
export type CertificateChange = CertificateKey & {
  readonly medium: Medium
  readonly purpose: Purpose
} & (
    | { readonly change: 'issued'; readonly relation: Relation | undefined }
    | { readonly change: 'revoked'; readonly reason: RevocationReason }
  )

/** What happened. */
export interface LifeEvent {
  /** 1, 2, 3 … */
  readonly number: number
  readonly event: LifeEventName
  readonly persona: string
  readonly person: string
  readonly at: Date
  readonly changes: readonly CertificateChange[]
}

const REFUSALS = {
  PERSONA_UNKNOWN: 'nobody is called that',
  PERSONA_TAKEN: 'somebody is called that already',
  PERSONA_NAME_MALFORMED: 'a persona is called a–z, 0–9 and -, beginning with a letter, 64 characters at most',
  PERSON_DEAD: 'this person has died',
  CARD_FOREIGN: 'this card was not issued by the nation',
  CARD_REPLACED: 'this card was replaced; its successor is another persona',
  NO_CARD: 'this persona is a phone; what happens, happens to the card of its person',
  CARD_REVOKED: 'the certificate is revoked: reissue gives a new card',
} as const

/** What cannot happen. Nothing has changed. */
export class LifeEventRefused extends Error {
  override readonly name = 'LifeEventRefused'
  readonly code: keyof typeof REFUSALS
  constructor(code: LifeEventRefused['code']) {
    super(REFUSALS[code])
    this.code = code
  }
}
