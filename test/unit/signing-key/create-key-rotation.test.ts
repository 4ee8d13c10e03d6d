import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createSealer } from '../../../src/sealing/create-sealer.ts'
import { createKeyRotation, type KeyRotation } from '../../../src/signing-key/create-key-rotation.ts'
import { loadSigningKeys } from '../../../src/signing-key/load-signing-keys.ts'
import { DAY_MS, KEEP_RETIRED_MS } from '../../../src/signing-key/plan-rotation.ts'
import { SigningKeyRefused } from '../../../src/signing-key/signing-key-states.ts'
import { SIGNING_ALGORITHMS, type StoredSigningKey } from '../../../src/signing-key/signing-key-store.ts'
import { createMemorySigningKeyStore, type MemorySigningKeyStore } from '../../support/memory-signing-key-store.ts'

const START = new Date('2026-11-22T03:00:00Z')
const POLICY = { publishAheadMs: 7 * DAY_MS, rotateEveryMs: 90 * DAY_MS, keepRetiredMs: KEEP_RETIRED_MS }
const KEY = Buffer.alloc(32, 7)

let store: MemorySigningKeyStore
let clock: Date
let rotation: KeyRotation

const rotationWith = (...keys: readonly [Buffer, ...Buffer[]]): KeyRotation =>
  createKeyRotation({ store, sealer: createSealer(keys), policy: POLICY, now: () => clock })
const load = () => loadSigningKeys({ store, sealer: createSealer([KEY]), now: () => clock })
const after = (days: number): void => {
  clock = new Date(clock.getTime() + days * DAY_MS)
}
const keysOf = (algorithm: string, state?: string): StoredSigningKey[] =>
  store.keys.filter((key) => key.algorithm === algorithm && (state === undefined || key.state === state))
const onlyKid = (state: string): string => {
  const keys = keysOf('ES256', state)
  expect(keys).toHaveLength(1)
  return keys[0]?.kid ?? ''
}

let first: readonly StoredSigningKey[]
beforeAll(async () => {
  store = createMemorySigningKeyStore()
  clock = START
  await load()
  first = store.keys
})
beforeEach(() => {
  store = createMemorySigningKeyStore(first)
  clock = START
  rotation = rotationWith(KEY)
})

describe('refused', () => {
  test.each([
    ['activating a key that is not there', () => rotation.activate('nothing')],
    ['retiring a key that is not there', () => rotation.retire('nothing', { compromised: false })],
    ['activating the key that signs', () => rotation.activate(onlyKid('active'))],
  ])('%s', async (_name, work) => {
    const before = [...store.keys]
    await expect(work()).rejects.toThrow(SigningKeyRefused)
    expect(store.keys).toEqual(before)
  })

  test('retiring a key twice', async () => {
    const kid = onlyKid('active')
    await rotation.retire(kid, { compromised: false })
    await expect(rotation.retire(kid, { compromised: false })).rejects.toThrow('is retired already')
  })

  test('a rollback to a key that left the JWKS', async () => {
    const old = onlyKid('active')
    await rotation.retire(old, { compromised: true })
    await expect(rotation.activate(old)).rejects.toThrow('not in the JWKS')
    expect(keysOf('ES256', 'active')).toHaveLength(1)
  })
})

describe('attack 43: the schedule', () => {
  test('nothing is due for the first 83 days', async () => {
    expect(await rotation.runSchedule()).toEqual([])
    after(82.99)
    expect(await rotation.runSchedule()).toEqual([])
  })

  test('over two years, looked at every six hours: never a surprise for a site that caches, never a token that cannot be verified', async () => {
    const firsts = new Set(store.keys.map(({ kid }) => kid))
    const lastSigned = new Map<string, number>()
    let rotations = 0
    for (const end = START.getTime() + 730 * DAY_MS; clock.getTime() < end;) {
      rotations += (await rotation.runSchedule()).filter(({ move }) => move === 'activated').length
      for (const algorithm of SIGNING_ALGORITHMS) {
        const [active, ...more] = keysOf(algorithm, 'active')
        expect([active?.kid, more]).toEqual([expect.any(String), []])
        if (active === undefined) continue
        lastSigned.set(active.kid, clock.getTime())
        const seenForMs = (active.activatedAt?.getTime() ?? 0) - active.publishedAt.getTime()
        if (!firsts.has(active.kid)) expect(seenForMs).toBeGreaterThanOrEqual(7 * DAY_MS)
      }
      const inJwks = new Set(
        store.keys.filter(({ publishedUntil: until }) => !until || clock < until).map(({ kid }) => kid),
      )
      for (const [kid, at] of lastSigned) if (clock.getTime() - at < 6.5 * DAY_MS) expect(inJwks).toContain(kid)
      after(0.25)
    }
    expect(rotations).toBe(32)
    // of each algorithm the one that signs; the private halves of all the others are gone
    expect(store.keys.filter(({ sealedPrivateJwk }) => sealedPrivateJwk !== undefined)).toHaveLength(4)
    expect(store.keys).toHaveLength(36)
  }, 30_000)

  test('a provider that was off for half a year publishes first, and activates only after sites could see it', async () => {
    const old = onlyKid('active')
    after(180)
    expect(await rotation.runSchedule()).toMatchObject(SIGNING_ALGORITHMS.map(() => ({ move: 'published' })))
    expect(onlyKid('active')).toBe(old)
    after(6.9)
    expect(await rotation.runSchedule()).toEqual([])
    after(0.1)
    expect((await rotation.runSchedule()).map(({ move }) => move).toSorted()).toEqual([
      ...SIGNING_ALGORITHMS.map(() => 'activated'),
      ...SIGNING_ALGORITHMS.map(() => 'retired'),
    ])
  })

  test('ten processes that look at the same moment publish one key of each algorithm', async () => {
    after(83)
    const moves = await Promise.all(Array.from({ length: 10 }, () => rotation.runSchedule()))
    expect(moves.flat()).toHaveLength(4)
    expect(store.recorded).toEqual(moves.flat())
    expect(store.keys).toHaveLength(8)
  })

  test('a spent key loses its private half and stays known', async () => {
    const kid = onlyKid('active')
    await rotation.retire(kid, { compromised: true })
    after(6.9)
    expect(await rotation.runSchedule()).toEqual([])
    after(0.1)
    expect(await rotation.runSchedule()).toEqual([{ move: 'erased', kid, algorithm: 'ES256' }])
    expect(store.keys.find((key) => key.kid === kid)).toMatchObject({
      sealedPrivateJwk: undefined,
      publicJwk: { kid },
    })
  })
})

describe('attack 43: by hand', () => {
  test('the next key is published now, signs after a week, and asking twice makes no third one', async () => {
    expect(await rotation.publishNext('ES256')).toMatchObject([{ move: 'published' }])
    expect(await rotation.publishNext('ES256')).toEqual([])
    expect(store.keys).toHaveLength(5)
    after(7)
    expect((await rotation.runSchedule()).map(({ move }) => move)).toEqual(['retired', 'activated'])
  })

  test('a key that the schedule published is brought forward, but not before its week is over', async () => {
    after(83)
    await rotation.runSchedule()
    after(5)
    await rotation.publishNext('ES256')
    expect(keysOf('ES256', 'published')[0]?.activatesAt).toEqual(new Date(START.getTime() + 90 * DAY_MS))
    after(1)
    expect(await rotation.runSchedule()).toEqual([])
  })

  test('published, activated, and back: the first one signs again and the other one stays verifiable', async () => {
    const old = onlyKid('active')
    await rotation.publishNext('ES256')
    const next = onlyKid('published')
    await rotation.activate(next)
    expect([onlyKid('active'), onlyKid('retired')]).toEqual([next, old])
    await rotation.activate(old)
    expect([onlyKid('active'), onlyKid('retired')]).toEqual([old, next])
    expect((await load()).keys.filter(({ alg }) => alg === 'ES256').map(({ kid }) => kid)).toEqual([old, next])
  })

  test('a compromised key leaves the JWKS at once, and a new one signs in its place', async () => {
    const old = onlyKid('active')
    expect((await rotation.retire(old, { compromised: true })).map(({ move }) => move)).toEqual([
      'retired',
      'published',
      'activated',
    ])
    const kids = (await load()).keys.map(({ kid }) => kid)
    expect(kids).not.toContain(old)
    expect(kids).toContain(onlyKid('active'))
  })

  test('that a key was compromised may also turn out after it was retired', async () => {
    const old = onlyKid('active')
    await rotation.retire(old, { compromised: false })
    expect((await load()).keys.map(({ kid }) => kid)).toContain(old)
    await rotation.retire(old, { compromised: true })
    expect((await load()).keys.map(({ kid }) => kid)).not.toContain(old)
  })

  test('a published key that is not wanted goes without having signed', async () => {
    await rotation.publishNext('ES256')
    await rotation.retire(onlyKid('published'), { compromised: false })
    expect((await load()).keys.filter(({ alg }) => alg === 'ES256')).toHaveLength(1)
    expect(keysOf('ES256', 'retired')[0]).toMatchObject({ activatedAt: undefined })
  })

  test('sealed anew: what the old key encryption key sealed opens with the new one alone', async () => {
    const next = Buffer.alloc(32, 9)
    expect(await rotationWith(next, KEY).reseal()).toEqual({ resealed: 4, current: 0 })
    expect(await rotationWith(next, KEY).reseal()).toEqual({ resealed: 0, current: 4 })
    await expect(load()).rejects.toThrow('KEY_ENCRYPTION_KEY')
    const loaded = await loadSigningKeys({ store, sealer: createSealer([next]), now: () => clock })
    expect(loaded.keys).toHaveLength(4)
  })

  test('a key that no key encryption key opens stops the resealing, and nothing is lost', async () => {
    const before = [...store.keys]
    await expect(rotationWith(Buffer.alloc(32, 9)).reseal()).rejects.toThrow(SigningKeyRefused)
    expect(store.keys).toEqual(before)
  })
})
