import type { AgentFailureCode } from '@sekisho/protocol'
import type { InspectedCard } from '../card/inspect-card.ts'
import type { Notice, Scene } from './scene.ts'

/** What the person has been shown of the card, and what was agreed to. */
export interface CardOnPage {
  show(card: InspectedCard): void
  showSeveral(): void
  showProblem(code: AgentFailureCode): void
  /** The person read the warning about the last try and goes on. */
  confirm(): void
  /** What stands in the way of a PIN. */
  problem(): AgentFailureCode | undefined
  /** The card that a PIN may be presented to now. */
  acceptsPin(): InspectedCard | undefined
  scene(notice?: Notice): Scene
}

export function createCardOnPage(): CardOnPage {
  let shown: InspectedCard | undefined
  let problem: AgentFailureCode | undefined
  let confirmed = false

  function remember(card: InspectedCard | undefined, code: AgentFailureCode | undefined): void {
    // Consent to spend the last try is for one card, as it was then.
    const same = card !== undefined && shown?.certificateDigest.equals(card.certificateDigest) === true
    if (!same || shown?.triesLeft !== card.triesLeft) confirmed = false
    shown = card
    problem = code
  }

  return {
    show(card) {
      remember(card, card.triesLeft === 0 ? 'PIN_BLOCKED' : undefined)
    },
    showSeveral() {
      remember(undefined, undefined)
    },
    showProblem(code) {
      remember(undefined, code)
    },
    confirm() {
      confirmed = shown?.triesLeft === 1
    },
    problem: () => problem,
    acceptsPin() {
      return problem === undefined && (shown?.triesLeft !== 1 || confirmed) ? shown : undefined
    },
    scene(notice) {
      const because = notice === undefined ? {} : { notice }
      if (problem !== undefined) return { page: 'problem', code: problem, ...because }
      if (shown === undefined) return { page: 'problem', code: 'SEVERAL_CARDS', ...because }
      const { triesLeft, readerName } = shown
      if (triesLeft === 1 && !confirmed) return { page: 'confirm', readerName, ...because }
      return { page: 'pin', triesLeft, readerName, ...because }
    },
  }
}
