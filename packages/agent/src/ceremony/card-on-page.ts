import type { AgentFailureCode } from '@sekisho/protocol'
import { isSameCard, type CardStatus, type InspectedCard } from '../card/inspect-card.ts'
import type { Notice, Scene } from './scene.ts'

/** What the person has been shown of the card, and what was agreed to. */
export interface CardOnPage {
  show(status: CardStatus): void
  /** The person read the warning about the last try and goes on. */
  confirm(): void
  /** The person means the card on the nth of the readers shown. */
  choose(index: number): void
  /** The person means another card than the chosen one. */
  forgetChoice(): void
  chosenReader(): string | undefined
  /** What stands in the way of a PIN. */
  problem(): AgentFailureCode | undefined
  /** The card that is there, whether or not it takes a PIN. */
  shown(): InspectedCard | undefined
  /** The card that a PIN may be presented to now. */
  acceptsPin(): InspectedCard | undefined
  scene(notice?: Notice): Scene
}

/** @param onChange another card, another counter, another question: what is typed for the old one must not reach the new */
export function createCardOnPage(onChange: () => void): CardOnPage {
  let status: CardStatus | undefined
  let confirmed = false
  let chosen: string | undefined

  const card = () => (status?.state === 'ready' ? status.card : undefined)

  return {
    show(next) {
      const same = isSameStatus(status, next)
      status = next
      if (same) return
      // Consent to spend the last try is for one card, as it was then.
      confirmed = false
      onChange()
    },
    confirm() {
      confirmed = card()?.triesLeft === 1
    },
    choose(index) {
      if (status?.state === 'several-cards') chosen = status.readerNames[index]
    },
    forgetChoice() {
      chosen = undefined
    },
    chosenReader: () => chosen,
    problem() {
      if (status?.state === 'problem') return status.code
      return card()?.triesLeft === 0 ? 'PIN_BLOCKED' : undefined
    },
    shown: card,
    acceptsPin() {
      const shown = card()
      return shown === undefined || shown.triesLeft === 0 || (shown.triesLeft === 1 && !confirmed) ? undefined : shown
    },
    scene(notice) {
      const because = notice === undefined ? {} : { notice }
      if (status?.state === 'several-cards') return { page: 'choose', readerNames: status.readerNames, ...because }
      const shown = card()
      const code = this.problem()
      if (code !== undefined || shown === undefined)
        return { page: 'problem', code: code ?? 'AGENT_FAILED', ...because }
      const { triesLeft, readerName, kind } = shown
      const what = { readerName, kind, chosen: chosen === readerName, ...because }
      if (triesLeft === 1 && !confirmed) return { page: 'confirm', ...what }
      return { page: 'pin', triesLeft, ...what }
    },
  }
}

function isSameStatus(one: CardStatus | undefined, other: CardStatus): boolean {
  if (one?.state === 'ready' && other.state === 'ready') {
    return isSameCard(one.card, other.card) && one.card.triesLeft === other.card.triesLeft
  }
  if (one?.state === 'several-cards' && other.state === 'several-cards') {
    return one.readerNames.join('\n') === other.readerNames.join('\n')
  }
  return one?.state === 'problem' && other.state === 'problem' && one.code === other.code
}
