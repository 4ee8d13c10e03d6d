import { createHash, randomBytes } from 'node:crypto'
import { beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import {
  createClientAdministration,
  type ClientAdministration,
  type UnverifiedFields,
} from '../../../src/relying-party/client-administration.ts'
import { createClientRegistry } from '../../../src/relying-party/client-registry.ts'
import { matchesClientSecret } from '../../../src/relying-party/client-secret.ts'
import { createMemoryClientStore, type MemoryClientStore } from '../../support/memory-client-store.ts'

const NOW = new Date('2026-11-22T03:00:00Z')
const HOUR_MS = 3_600_000
const SHOP: UnverifiedFields = {
  clientId: 'shop',
  displayName: { ja: '見本の店', en: 'Sample shop' },
  owner: 'Sales',
  redirectUris: ['https://shop.example/callback'],
}

let store: MemoryClientStore
let clients: ClientAdministration
let clock: Date

beforeEach(() => {
  store = createMemoryClientStore()
  clock = NOW
  clients = createClientAdministration({ store, now: () => clock, random: randomBytes })
})

const after = (ms: number): void => {
  clock = new Date(clock.getTime() + ms)
}
const accepts = async (secret: string | undefined): Promise<boolean> => {
  const served = await createClientRegistry({ store, now: () => clock }).find('shop')
  return matchesClientSecret(secret ?? '', served?.secrets ?? [], clock)
}

describe('refused, naming the field, with nothing stored', () => {
  test.each<[string, UnverifiedFields]>([
    ['owner', { owner: undefined }],
    ['owner', { owner: 'two\nlines' }],
    ['clientSecret', { clientSecret: 's'.repeat(43) }],
    ['displayName', { displayName: { ja: '店' } }],
    ['logoUri', { logoUri: 'javascript:alert(1)' }],
    ['policyUri', { policyUri: 'http://shop.example/policy' }],
    ['redirectUris', { redirectUris: [] }],
    ['tokenEndpointAuthMethod', { tokenEndpointAuthMethod: 'client_secret_jwt' }],
    ['', { redirectUri: 'https://shop.example/' }],
  ])('%s: %j', async (field, change) => {
    const fault: unknown = await clients.add({ ...SHOP, ...change }).catch((thrown: unknown) => thrown)
    expect(fault).toBeInstanceOf(z.ZodError)
    expect(String((fault as z.ZodError).issues[0]?.path[0] ?? '')).toBe(field)
    expect(store.rows.size).toBe(0)
  })

  test.each<[string, UnverifiedFields]>([
    ['clientId', { clientId: 'other' }],
    ['clientSecret', { clientSecret: 's'.repeat(43) }],
    ['redirectUris', { redirectUris: ['http://shop.example/'] }],
    ['displayName', { displayName: null }],
  ])('updating %s: %j', async (field, change) => {
    await clients.add(SHOP)
    const before = store.rows.get('shop')
    const fault: unknown = await clients.update('shop', change).catch((thrown: unknown) => thrown)
    expect(String((fault as z.ZodError).issues[0]?.path[0])).toBe(field)
    expect(store.rows.get('shop')).toBe(before)
  })
})

describe('refused', () => {
  test.each<[string, string, (id: string) => Promise<unknown>]>([
    ['an id that is taken', 'CLIENT_EXISTS', () => clients.add(SHOP)],
    ['showing a client that is not there', 'CLIENT_UNKNOWN', () => clients.show('other')],
    ['updating it', 'CLIENT_UNKNOWN', () => clients.update('other', {})],
    ['a secret for it', 'CLIENT_UNKNOWN', () => clients.rotateSecret('other', { keepOldForMs: 0 })],
    ['disabling it', 'CLIENT_UNKNOWN', () => clients.setDisabled('other', true)],
    [
      'attack 44: a change made from an older version',
      'CLIENT_CHANGED',
      () => clients.update('shop', {}, { version: 7 }),
    ],
    [
      'another host, and with it another sub for everybody',
      'CLIENT_SUBJECTS_WOULD_CHANGE',
      () => clients.update('shop', { redirectUris: ['https://other.example/callback'] }),
    ],
    [
      'public subjects where there were pairwise ones',
      'CLIENT_SUBJECTS_WOULD_CHANGE',
      () => clients.update('shop', { subjectType: 'public' }),
    ],
  ])('%s', async (_name, code, work) => {
    await clients.add(SHOP)
    const before = store.rows.get('shop')
    await expect(work('shop')).rejects.toMatchObject({ name: 'ClientRefused', code })
    expect(store.rows.get('shop')).toBe(before)
  })

  test('a native application that had a sector of its own, and would get one of others by becoming a site', async () => {
    await clients.add({ ...SHOP, applicationType: 'native', redirectUris: ['http://localhost/cb'] })
    await expect(clients.update('shop', { applicationType: 'web' })).rejects.toMatchObject({
      code: 'CLIENT_SUBJECTS_WOULD_CHANGE',
    })
    await expect(clients.update('shop', { redirectUris: ['jp.example.app:/cb'] })).resolves.toBeDefined()
  })

  test('attack 44: of two who change a client at the same time, the second is told', async () => {
    await clients.add(SHOP)
    const settled = await Promise.allSettled([
      clients.update('shop', { owner: 'One' }, { version: 1 }),
      clients.update('shop', { owner: 'Other' }, { version: 1 }),
    ])
    expect(settled.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
  })

  test.each([
    ['none', { applicationType: 'spa' }],
    ['private_key_jwt', { jwksUri: 'https://shop.example/jwks.json' }],
  ])('a secret for a client that authenticates by %s', async (method, fields) => {
    const { client, clientSecret } = await clients.add({ ...SHOP, ...fields })
    expect([client.tokenEndpointAuthMethod, clientSecret]).toEqual([method, undefined])
    await expect(clients.rotateSecret('shop', { keepOldForMs: 0 })).rejects.toMatchObject({
      code: 'CLIENT_WITHOUT_SECRET',
    })
  })
})

describe('a client', () => {
  test('gets an id and a secret of 256 bits when it has none; nothing shows the secret again', async () => {
    const { clientId: _drawn, ...fields } = SHOP
    const { client, clientSecret } = await clients.add(fields)
    expect(client.clientId).toMatch(/^[\w-]{22}$/)
    expect(Buffer.from(clientSecret ?? '', 'base64url')).toHaveLength(32)
    const shown = JSON.stringify([
      await clients.list(),
      await clients.show(client.clientId),
      store.rows.get(client.clientId),
    ])
    expect(shown).not.toContain(clientSecret)
    const views = JSON.stringify([await clients.list(), await clients.show(client.clientId)])
    expect(views).not.toContain(
      createHash('sha256')
        .update(clientSecret ?? '')
        .digest('base64url'),
    )
  })

  test('is changed field by field, and null takes a field back', async () => {
    await clients.add({ ...SHOP, logoUri: 'https://shop.example/logo.svg' })
    after(HOUR_MS)
    const { client, clientSecret } = await clients.update('shop', { owner: 'Marketing', logoUri: null })
    expect(client).toMatchObject({
      owner: 'Marketing',
      version: 2,
      redirectUris: SHOP['redirectUris'],
      updatedAt: clock,
    })
    expect(client).not.toHaveProperty('logoUri')
    expect(clientSecret).toBeUndefined()
  })

  test('moves to another host when its sector stays, or when it is meant', async () => {
    const sectorIdentifierUri = 'https://shop.example/sector.json'
    await clients.add(SHOP)
    const moved = { redirectUris: ['https://new.example/callback'] }
    expect((await clients.update('shop', { ...moved, sectorIdentifierUri })).client).toMatchObject(moved)
    await clients.update('shop', { sectorIdentifierUri: null }, { allowNewSubjects: true })
    expect(await clients.show('shop')).not.toHaveProperty('sectorIdentifierUri')
  })

  test('that begins to use a secret gets one, and one that ceases to has none left', async () => {
    await clients.add({ ...SHOP, tokenEndpointAuthMethod: 'none' })
    const { clientSecret } = await clients.update('shop', { tokenEndpointAuthMethod: 'client_secret_basic' })
    expect(await accepts(clientSecret)).toBe(true)
    await clients.update('shop', { tokenEndpointAuthMethod: 'none' })
    expect(await accepts(clientSecret)).toBe(false)
  })

  test('is disabled and enabled again', async () => {
    await clients.add(SHOP)
    expect(await clients.setDisabled('shop', true)).toMatchObject({ status: 'disabled', disabledAt: NOW })
    expect(await createClientRegistry({ store, now: () => clock }).find('shop')).toBeUndefined()
    expect(await clients.setDisabled('shop', false)).toMatchObject({ status: 'enabled', disabledAt: undefined })
  })
})

describe('rotating a secret', () => {
  test('both are accepted until the old one’s end, then only the new one', async () => {
    const first = (await clients.add(SHOP)).clientSecret
    const second = (await clients.rotateSecret('shop', { keepOldForMs: 24 * HOUR_MS })).clientSecret
    expect(second).not.toBe(first)
    after(24 * HOUR_MS - 1)
    expect([await accepts(first), await accepts(second)]).toEqual([true, true])
    after(1)
    expect([await accepts(first), await accepts(second)]).toEqual([false, true])
  })

  test('two live secrets at most: a third one ends the first at once', async () => {
    const secrets = [(await clients.add(SHOP)).clientSecret]
    for (const _time of [1, 2]) {
      after(HOUR_MS)
      secrets.push((await clients.rotateSecret('shop', { keepOldForMs: 24 * HOUR_MS })).clientSecret)
    }
    expect(await Promise.all(secrets.map(accepts))).toEqual([false, true, true])
    expect((await clients.show('shop')).secrets).toHaveLength(2)
  })

  test('a secret that leaked ends at once', async () => {
    const first = (await clients.add(SHOP)).clientSecret
    const second = (await clients.rotateSecret('shop', { keepOldForMs: 0 })).clientSecret
    expect([await accepts(first), await accepts(second)]).toEqual([false, true])
  })

  test('an end that was set is not put off by rotating again', async () => {
    await clients.add(SHOP)
    await clients.rotateSecret('shop', { keepOldForMs: HOUR_MS })
    const second = (await clients.rotateSecret('shop', { keepOldForMs: HOUR_MS })).clientSecret
    after(HOUR_MS)
    await clients.rotateSecret('shop', { keepOldForMs: 24 * HOUR_MS })
    expect(await accepts(second)).toBe(true)
    expect((await clients.show('shop')).secrets).toHaveLength(2)
  })

  test.each(['', 'x', 's'.repeat(43)])('“%s” is never accepted', async (guess) => {
    await clients.add(SHOP)
    expect(await accepts(guess)).toBe(false)
  })
})
