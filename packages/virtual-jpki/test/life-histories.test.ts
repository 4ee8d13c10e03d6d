import fc from 'fast-check'
import { expect, test } from 'vitest'

import {
  createVirtualJpki,
  LIFE_EVENTS,
  LifeEventRefused,
  type LifeEventOrder,
  type VirtualJpki,
} from '../src/index.ts'
import { questionAboutKey, walkBack } from './ask-linkage.ts'
import { VIRTUAL_KEYS } from '../../../test/support/virtual-keys.ts'

const step = fc.oneof(
  fc.record({
    event: fc.constantFrom(...LIFE_EVENTS),
    persona: fc.constantFrom('a', 'b', 'c', 'taro', 'taro-renewed', 'hanako', 'revoked'),
  }) as fc.Arbitrary<LifeEventOrder>,
  fc.record({ months: fc.integer({ min: 1, max: 30 }) }),
)

/** Certificates of the people, in order of issue; those of strangers and forerunners are not theirs. */
const authenticationCertificates = (jpki: VirtualJpki) =>
  jpki.registry.list().filter(({ authority }) => /^authentication-\d$/.test(authority))

test('whatever happens to people, in whatever order', { timeout: 120_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const jpki = await createVirtualJpki({
        now: () => new Date('2026-11-22T03:00:00Z'),
        cacheDirectory: VIRTUAL_KEYS,
      })
      const revoked = new Map<bigint, string>()
      for (const one of steps) {
        if ('months' in one) jpki.clock.advance(`P${one.months}M`)
        else {
          const issuedBefore = jpki.registry.list().length
          await jpki.event(one).catch((fault: unknown) => {
            expect(fault).toBeInstanceOf(LifeEventRefused)
            expect(jpki.registry.list().length).toBe(issuedBefore)
          })
        }
        for (const { serialNumber, status } of jpki.registry.list()) {
          // nothing comes back to life; only a hold may get a final reason
          const before = revoked.get(serialNumber)
          const after = status.status === 'revoked' ? status.reason : 'good'
          if (before !== undefined && before !== 'certificateHold') expect(after).toBe(before)
          if (before === 'certificateHold') expect(after).not.toBe('good')
          if (after !== 'good') revoked.set(serialNumber, after)
        }
      }
      const all = authenticationCertificates(jpki)
      expect(new Set(all.map(({ serialNumber }) => serialNumber)).size).toBe(all.length)
      for (const { persona, person, card, phone, isAlive } of jpki.people()) {
        const own = all.filter((entry) => entry.holder === persona)
        // what was replaced is revoked, whatever the reason: one good certificate for each of card and phone at most
        for (const medium of ['card', 'phone'] as const) {
          const good = own.filter((entry) => entry.medium === medium && entry.status.status === 'good')
          expect(good.length).toBeLessThanOrEqual(1)
          if (!isAlive) expect(good).toEqual([])
        }
        // one question for each step back, and all of it is the same person
        const ids = new Set<unknown>()
        for (const token of [card, phone]) {
          if (token === undefined || persona === 'unknown-ca' || persona === 'chain-loop') continue
          const start = questionAboutKey(jpki, token.authentication)
          const { serialNumbers, end } = walkBack(jpki, start, 100)
          expect(['none', 'unavailable']).toContain(end)
          for (const serialNumber of serialNumbers) {
            expect(all.find((entry) => entry.serialNumber === serialNumber)?.person).toBe(person)
            ids.add(JSON.stringify(jpki.personOf({ ...start, serialNumber })))
          }
        }
        expect(ids.size).toBeLessThanOrEqual(1)
      }
    }),
    { numRuns: 40 },
  )
})
