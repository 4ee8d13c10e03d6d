import { describe, expect, test } from 'vitest'
import type { PepperOctets } from '../../../src/subject/credential-handle.ts'
import { planPepperRotation } from '../../../src/subject/pepper/plan-pepper-rotation.ts'

const ONE: PepperOctets = { version: 1, key: Buffer.alloc(32, 1) }
const TWO: PepperOctets = { version: 2, key: Buffer.alloc(32, 2) }
const KEY = Buffer.alloc(32, 9)
const counts = (current: number) => [
  { version: 1, current },
  { version: 2, current: 9 },
]

describe('changing the pepper', () => {
  test('cards in use hold the old one back; those that are never seen again do not', () => {
    expect(planPepperRotation([TWO, ONE], counts(3), KEY)).toEqual({ step: 'wait', remaining: 3 })
    expect(planPepperRotation([TWO, ONE], counts(0), KEY)).toEqual({ step: 'retire', peppers: [TWO] })
    expect(planPepperRotation([TWO, ONE], counts(3), KEY, { abandon: true })).toEqual({
      step: 'retire',
      peppers: [TWO],
    })
  })

  test('a new one is looked for before it is written', () => {
    const introduced = planPepperRotation([ONE], [{ version: 1, current: 3 }], KEY)
    expect(introduced).toEqual({ step: 'introduce', peppers: [ONE, { version: 2, key: KEY }] })
    expect(planPepperRotation([ONE, TWO], counts(3), KEY)).toEqual({ step: 'promote', peppers: [TWO, ONE] })
  })

  test('a number that rows already have is never given again', () => {
    expect(planPepperRotation([ONE], [{ version: 7, current: 1 }], KEY)).toMatchObject({
      peppers: [ONE, { version: 8 }],
    })
  })
})
