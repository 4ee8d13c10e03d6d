import { randomInt } from 'node:crypto'
import { createKeypad, type Keypad } from '../pin/keypad.ts'

/** What was typed is forgotten when nothing more comes. */
const FORGET_MS = 60_000

/** The keypad of the form now shown: another form has other keys in another order. */
export interface KeypadDesk {
  forForm(formId: string): Keypad
  clear(): void
}

export function createKeypadDesk(): KeypadDesk {
  let current: { formId: string; keypad: Keypad } | undefined
  let forgetting: NodeJS.Timeout | undefined

  function clear(): void {
    clearTimeout(forgetting)
    current?.keypad.clear()
    current = undefined
  }

  return {
    forForm(formId) {
      if (current?.formId !== formId) {
        clear()
        current = { formId, keypad: createKeypad(randomInt) }
      }
      clearTimeout(forgetting)
      forgetting = setTimeout(clear, FORGET_MS).unref()
      return current.keypad
    },
    clear,
  }
}
