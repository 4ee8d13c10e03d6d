import type { Locale } from '../text/translate.ts'

/** What a person should know before typing. */
export interface PinQuestion {
  /** The site that is signed in to. */
  readonly relyingParty: { readonly name: string; readonly origin: string }
  /** Origin of the provider it goes through. */
  readonly provider: string
  /** As `showReaderName` writes it. */
  readonly readerName: string
  readonly kind: 'card' | 'phone'
  /** 1 to 15, read from the card just now. */
  readonly triesLeft: number
  /** The PIN before this one was wrong. */
  readonly wrongBefore: boolean
  readonly locale: Locale
}

export type PinAnswer =
  /** Four ASCII digits in memory of their own, for the caller to zero. */
  | { readonly outcome: 'entered'; readonly pin: Buffer }
  /** Something else than four digits. No card has heard of it. */
  | { readonly outcome: 'malformed' }
  | { readonly outcome: 'cancelled' }
  | { readonly outcome: 'timed-out' }
  /** Nobody can be asked in this way here. `detail` is for the log and holds nothing of what was typed. */
  | { readonly outcome: 'unavailable'; readonly detail: string }

export const PIN_ENTRY_KINDS = ['page', 'pinentry', 'terminal'] as const
export type PinEntryKind = (typeof PIN_ENTRY_KINDS)[number]

/**
 * A place where a PIN is typed: the form of the agent's own page (`pin-from-form.ts`), a window of GnuPG's pinentry
 * (`pinentry/`), the terminal (`terminal-pin-entry.ts`). Each asks once for each call, keeps nothing, and never makes a string
 * of what was typed.
 */
export interface PinEntry {
  readonly kind: PinEntryKind
  /** @param signal ends the question: 'cancelled' */
  ask(question: PinQuestion, signal: AbortSignal): Promise<PinAnswer>
}

/** A place that can also ask the question before the last try. */
export interface PinDialogue extends PinEntry {
  /** @returns true only if the person says expressly to go on; the default is to stop */
  confirmLastTry(question: PinQuestion, signal: AbortSignal): Promise<boolean>
}
