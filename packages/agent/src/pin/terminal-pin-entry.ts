import type { ReadStream } from 'node:tty'
import { translator } from '../text/translate.ts'
import { describeQuestion } from './describe-question.ts'
import type { PinDialogue } from './pin-entry.ts'
import { readHiddenDigits } from './read-hidden-digits.ts'

const BELL = '\u0007'

/**
 * Asks at a terminal.
 *
 * @param terminal.input must be a terminal: a PIN that came through a pipe would stand in somebody's script
 * @param terminal.write shows text, without a line feed of its own
 * @param terminal.askLine a line in the open; undefined when there was none
 */
export function createTerminalPinEntry(terminal: {
  input: ReadStream
  write: (text: string) => void
  askLine: (question: string, signal: AbortSignal) => Promise<string | undefined>
}): PinDialogue {
  const { input, write, askLine } = terminal
  return {
    kind: 'terminal',

    async ask(question, signal) {
      if (!input.isTTY) return { outcome: 'unavailable', detail: 'standard input is not a terminal' }
      const t = translator(question.locale)
      for (const line of describeQuestion(question, t)) write(`${line}\n`)
      const answer = await readHiddenDigits(input, signal, {
        prompt: () => {
          write(`${t('question.prompt')} `)
        },
        refuse: () => {
          write(BELL)
        },
      })
      write('\n')
      return answer
    },

    async confirmLastTry(question, signal) {
      if (!input.isTTY) return false
      const t = translator(question.locale)
      write(`${t('confirm.warning')}\n${t('confirm.consequence')}\n`)
      const answer = await askLine(t('question.confirm'), signal)
      return /^(yes|はい)$/i.test(answer?.trim() ?? '')
    },
  }
}
