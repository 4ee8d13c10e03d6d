import { beforeEach, describe, expect, test } from 'vitest'
import { cacheClients } from '../../../src/relying-party/cache-clients.ts'
import { createClientRegistry, type ClientLookup } from '../../../src/relying-party/client-registry.ts'
import type { Registration } from '../../../src/relying-party/registration.ts'
import { createMemoryClientStore } from '../../support/memory-client-store.ts'

const shop = (en: string): Registration => ({
  clientId: 'shop',
  displayName: { ja: '店', en },
  redirectUris: ['https://shop.example/callback'],
})

let lookups: string[]
let listening: boolean
let clock: Date
let tell: (clientId: string | undefined) => void
let cached: ClientLookup
let gate: Promise<unknown>
const store = createMemoryClientStore()
const registry = createClientRegistry({ store, now: () => clock })
const nameOf = async (): Promise<string | undefined> => (await cached.find('shop'))?.displayName.en

beforeEach(async () => {
  lookups = []
  listening = true
  clock = new Date('2026-11-22T03:00:00Z')
  gate = Promise.resolve()
  const clients: ClientLookup = {
    find: async (clientId) => {
      lookups.push(clientId)
      const found = await registry.find(clientId)
      await gate
      return found
    },
  }
  const changes = {
    isListening: () => listening,
    onChange: (listener: typeof tell) => {
      tell = listener
    },
  }
  cached = cacheClients({ clients, changes, now: () => clock })
  await registry.upsert(shop('before'))
})

describe('never stale', () => {
  test('a change that is told, of this client or of nobody knows which', async () => {
    for (const told of ['shop', undefined]) {
      await nameOf()
      await registry.upsert(shop(`told ${told}`))
      tell(told)
      expect(await nameOf()).toBe(`told ${told}`)
    }
  })

  test('a change that is told while an older answer is on its way', async () => {
    const held = Promise.withResolvers<undefined>()
    gate = held.promise
    const slow = nameOf()
    await registry.upsert(shop('after'))
    tell('shop')
    held.resolve(undefined)
    expect(await slow).toBe('before')
    expect(await nameOf()).toBe('after')
  })

  test('while changes are not heard of, and what was read in that time is not remembered', async () => {
    await nameOf()
    listening = false
    await registry.upsert(shop('unheard'))
    expect(await nameOf()).toBe('unheard')
    await nameOf()
    expect(lookups).toHaveLength(3)
    listening = true
    tell(undefined)
    expect(await nameOf()).toBe('unheard')
    expect(lookups).toHaveLength(4)
  })

  test('an answer that began before the connection was lost', async () => {
    const held = Promise.withResolvers<undefined>()
    gate = held.promise
    const slow = nameOf()
    listening = false
    held.resolve(undefined)
    await slow
    listening = true
    await registry.upsert(shop('after'))
    expect(await nameOf()).toBe('after')
  })

  test('a minute is the longest that anything is remembered', async () => {
    await nameOf()
    clock = new Date(clock.getTime() + 60_001)
    await nameOf()
    expect(lookups).toHaveLength(2)
  })

  test('an unknown client is asked for every time', async () => {
    expect(await cached.find('nobody')).toBeUndefined()
    expect(await cached.find('nobody')).toBeUndefined()
    expect(lookups).toEqual(['nobody', 'nobody'])
  })
})

test('asked once for many', async () => {
  for (const _time of Array.from({ length: 50 })) expect(await nameOf()).toBe('before')
  tell('another client')
  expect(await nameOf()).toBe('before')
  expect(lookups).toEqual(['shop'])
})
