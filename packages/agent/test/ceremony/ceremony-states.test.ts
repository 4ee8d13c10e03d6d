import { describe, expect, test } from 'vitest'
import { NEXT, isLive, step, type CeremonyState } from '../../src/ceremony/ceremony-states.ts'

const STATES = Object.keys(NEXT) as CeremonyState[]

describe('the table of states', () => {
  test.each(STATES.flatMap((from) => STATES.map((to) => [from, to] as const)))('%s → %s', (from, to) => {
    const allowed = (NEXT[from] as readonly string[]).includes(to)
    if (allowed) expect(step(from, to)).toBe(to)
    else expect(() => step(from, to)).toThrow()
  })

  test('nothing follows an end, and only an end gives the place free', () => {
    expect(STATES.filter((state) => !isLive(state))).toEqual(['completed', 'failed'])
  })

  test('a PIN is with the card only in signing, and from there the ceremony goes back or on', () => {
    expect(STATES.filter((from) => (NEXT[from] as readonly string[]).includes('signing'))).toEqual(['opened'])
    expect(NEXT.signing).toEqual(['opened', 'reporting'])
  })
})
