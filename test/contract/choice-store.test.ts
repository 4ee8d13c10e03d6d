import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { PendingChoice } from '../../src/sign-in/choice-store.ts'
import type { Digest } from '../../src/sign-in/ticket-store.ts'
import { PLACES, type TestPlace } from '../support/places.ts'

const NOW = new Date('2026-11-22T03:00:00Z')
const later = (seconds: number): Date => new Date(NOW.getTime() + seconds * 1000)
const digest = (): Digest => new Uint8Array(randomBytes(32)) as Digest
const PARALLEL = 50

const choice: PendingChoice = {
  interactionId: 'interaction',
  clientId: 'shop',
  sealedEvidence: Buffer.from('sealed evidence'),
  triesLeft: 5,
  expiresAt: later(600),
}

describe.each(PLACES)('choice store in $name', ({ openPlace }) => {
  let place: TestPlace
  beforeAll(async () => {
    place = await openPlace(() => NOW)
  })
  afterAll(() => place.remove())

  test('what was never put, or is past its time, is not there', async () => {
    const token = digest()
    expect(await place.choices.take(token, NOW)).toBeUndefined()
    await place.choices.put(token, choice)
    expect(await place.choices.take(token, later(600))).toBeUndefined()
  })

  test(`of ${PARALLEL} who take one choice exactly 1 gets it, as it was put`, async () => {
    const token = digest()
    await place.choices.put(token, choice)
    const taken = await Promise.all(Array.from({ length: PARALLEL }, () => place.choices.take(token, NOW)))
    expect(taken.filter((one) => one !== undefined)).toEqual([choice])
  })
})
