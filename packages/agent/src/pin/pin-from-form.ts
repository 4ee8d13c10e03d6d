import type { PinEntry } from './pin-entry.ts'

/** The agent's own page: the person has answered before the question is put. The caller of the page zeroes the PIN as well. */
export function pinFromForm(pin: Buffer | undefined): PinEntry {
  return {
    kind: 'page',
    ask: () => Promise.resolve(pin === undefined ? { outcome: 'malformed' } : { outcome: 'entered', pin }),
  }
}
