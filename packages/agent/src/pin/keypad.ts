import { allocateSecret } from './allocate-secret.ts'
import { PIN_DIGITS } from './parse-pin.ts'

/** What is typed on the page's own keys, where no script puts it into the field: one key a request, by its place. */
export interface Keypad {
  /** The digit on each of the ten keys, in an order of its own. */
  readonly order: readonly number[]
  /** How many digits were typed. */
  length(): number
  /** Types the digit of a key, if there is room. */
  press(place: number): void
  erase(): void
  /** Four ASCII digits, for the caller to zero; undefined when fewer were typed. Nothing is left here either way. */
  take(): Buffer | undefined
  /** Zeroes what was typed. */
  clear(): void
}

/** @param randomBelow a random integer from 0 to `limit` − 1, of cryptographic quality */
export function createKeypad(randomBelow: (limit: number) => number): Keypad {
  const order = shuffle([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], randomBelow)
  const typed = allocateSecret(PIN_DIGITS)
  let length = 0

  const keypad: Keypad = {
    order,
    length: () => length,
    press(place) {
      const digit = order[place]
      if (digit === undefined || length === PIN_DIGITS) return
      typed[length] = 0x30 + digit
      length += 1
    },
    erase() {
      length = Math.max(length - 1, 0)
      typed[length] = 0
    },
    take() {
      const pin = length === PIN_DIGITS ? allocateSecret(PIN_DIGITS) : undefined
      pin?.set(typed)
      keypad.clear()
      return pin
    },
    clear() {
      typed.fill(0)
      length = 0
    },
  }
  return keypad
}

/** Fisher and Yates. */
function shuffle(items: number[], randomBelow: (limit: number) => number): readonly number[] {
  for (let last = items.length - 1; last > 0; last -= 1) {
    const other = randomBelow(last + 1)
    const [one = 0, two = 0] = [items[last], items[other]]
    items[last] = two
    items[other] = one
  }
  return items
}
