import { createPublicKey, sign, verify, createPrivateKey, type JsonWebKey } from 'node:crypto'
import { calculateJwkThumbprint, type JWK } from 'jose'
import { beforeEach, describe, expect, test } from 'vitest'
import { createSealer } from '../../../src/sealing/create-sealer.ts'
import { loadSigningKeys, type PrivateJwks } from '../../../src/signing-key/load-signing-keys.ts'
import type { StoredSigningKey } from '../../../src/signing-key/signing-key-store.ts'
import { createMemorySigningKeyStore, type MemorySigningKeyStore } from '../../support/memory-signing-key-store.ts'

const NOW = new Date('2026-11-22T03:00:00Z')
const DAY_MS = 86_400_000
const SEALING_KEY = Buffer.alloc(32, 7)

let store: MemorySigningKeyStore
let clock: Date
const load = (sealingKey: Uint8Array = SEALING_KEY): Promise<PrivateJwks> =>
  loadSigningKeys({ store, sealer: createSealer([sealingKey]), now: () => clock })

beforeEach(() => {
  store = createMemorySigningKeyStore()
  clock = NOW
})

describe('refused', () => {
  test('another key encryption key: no key opens, and none is made in its place', async () => {
    await load()
    await expect(load(Buffer.alloc(32, 8))).rejects.toThrow('KEY_ENCRYPTION_KEY')
    expect(store.keys).toHaveLength(4)
  })

  test('a sealed key moved to another row', async () => {
    await load()
    const [first, second] = store.keys
    store.change(second?.kid, { sealedPrivateJwk: first?.sealedPrivateJwk ?? new Uint8Array() })
    await expect(load()).rejects.toThrow('does not open')
  })
})

describe('made and found', () => {
  test('the first start makes one key of each algorithm, the next ones find them', async () => {
    const first = await load()
    expect(first.keys.map(({ alg }) => alg).toSorted()).toEqual(['ES256', 'EdDSA', 'PS256', 'RS256'])
    expect(await load()).toEqual(first)
    expect(store.keys).toHaveLength(4)
  })

  test('each key has its thumbprint for a name and really signs; what is public has no private half', async () => {
    const { keys } = await load()
    for (const key of keys) {
      expect(key).toMatchObject({ use: 'sig', kid: await calculateJwkThumbprint(key) })
      const stored = store.keys.find(({ kid }) => kid === key.kid)
      expect(
        Object.keys(stored?.publicJwk ?? {}).filter((name) => ['d', 'p', 'q', 'dp', 'dq', 'qi'].includes(name)),
      ).toEqual([])
      const message = Buffer.from('signed')
      const digest = key.kty === 'OKP' ? null : 'sha256'
      const signature = sign(digest, message, createPrivateKey({ key: key, format: 'jwk' }))
      const publicKey = createPublicKey({ key: stored?.publicJwk as JsonWebKey, format: 'jwk' })
      expect(verify(digest, message, publicKey, signature)).toBe(true)
    }
  })

  test('at rest no private member is readable', async () => {
    const { keys } = await load()
    const dump = Buffer.concat(store.keys.map(({ sealedPrivateJwk }) => Buffer.from(sealedPrivateJwk ?? []))).toString(
      'latin1',
    )
    for (const { d } of keys) expect(dump).not.toContain(d)
    expect(dump).not.toContain('"kty"')
  })

  test('ten processes that start at once agree on the keys', async () => {
    const loaded = await Promise.all(Array.from({ length: 10 }, () => load()))
    expect(new Set(loaded.map(({ keys }) => JSON.stringify(keys))).size).toBe(1)
    expect(store.keys).toHaveLength(4)
  })

  test('attack 43: the one that signs comes first, then what was published ahead, then what is retired but not forgotten', async () => {
    const { keys } = await load()
    const old = keys.find(({ alg }) => alg === 'ES256') as JWK
    store.change(old.kid, { state: 'retired', retiredAt: NOW, publishedUntil: new Date(NOW.getTime() + 7 * DAY_MS) })
    const renewed = (await load()).keys.filter(({ alg }) => alg === 'ES256')
    expect(renewed).toHaveLength(2)
    expect(renewed[1]).toEqual(old)
    store.change(renewed[0]?.kid, { state: 'published', activatedAt: undefined })
    const again = (await load()).keys.filter(({ alg }) => alg === 'ES256').map(({ kid }) => kid)
    expect(again.slice(1)).toEqual([renewed[0]?.kid, old.kid])
    clock = new Date(NOW.getTime() + 7 * DAY_MS)
    expect((await load()).keys.map(({ kid }) => kid)).not.toContain(old.kid)
    expect(store.keys.map(({ kid }: StoredSigningKey) => kid)).toContain(old.kid)
  })
})
