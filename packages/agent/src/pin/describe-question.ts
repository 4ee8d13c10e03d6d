import type { Translate } from '../text/translate.ts'
import type { PinQuestion } from './pin-entry.ts'

/** A longer name would push the addresses out of sight, or the line over the limit of Assuan. */
const MAX_NAME_CHARACTERS = 40

/** Who asks, through whom, on which reader, and how many tries are left: for places that show lines of text. */
export function describeQuestion(question: PinQuestion, t: Translate): string[] {
  const { relyingParty, provider, readerName, kind, triesLeft } = question
  const characters = Array.from(relyingParty.name)
  const name =
    characters.length > MAX_NAME_CHARACTERS
      ? `${characters.slice(0, MAX_NAME_CHARACTERS).join('')}…`
      : relyingParty.name
  return [
    t('question.site', { name, origin: relyingParty.origin }),
    t('question.through', { provider }),
    t('question.reader', { reader: readerName }),
    ...(kind === 'phone' ? [t('pin.phone')] : []),
    t(triesLeft === 1 ? 'pin.tries.last' : 'pin.tries', { tries: triesLeft }),
  ]
}
