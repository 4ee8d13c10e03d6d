import type { HandOverStore } from '../../src/subject/hand-over/hand-over-store.ts'

/** For tests in which nobody has a hand-over code. */
export const noHandOvers: HandOverStore = {
  create: () => Promise.resolve(undefined),
  redeem: () => Promise.resolve({ outcome: 'invalid' }),
  deleteSpent: () => Promise.resolve(0),
  standing: () => Promise.resolve(undefined),
}
