/**
 * opened     the page stands, the person decides
 * asking     a window elsewhere asks for the PIN
 * signing    a PIN is with the card
 * reporting  the provider is being told
 * completed  the provider said where the browser goes
 * failed     the provider could not be told; there is nowhere to go but back
 */
export const NEXT = {
  opened: ['asking', 'signing', 'reporting'],
  asking: ['opened'],
  signing: ['opened', 'reporting'],
  reporting: ['completed', 'failed'],
  completed: [],
  failed: [],
} as const

export type CeremonyState = keyof typeof NEXT

/** @throws Error when the table has no such step: a fault of this program */
export function step(from: CeremonyState, to: CeremonyState): CeremonyState {
  if (!(NEXT[from] as readonly CeremonyState[]).includes(to)) throw new Error(`no step from ${from} to ${to}`)
  return to
}

/** Whether it still takes the one place. */
export function isLive(state: CeremonyState): boolean {
  return NEXT[state].length > 0
}
