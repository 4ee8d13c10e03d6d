import { randomBytes } from 'node:crypto'
import { beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { createClientRegistry, type ClientRegistry } from '../../../src/relying-party/client-registry.ts'
import type { StoredClient } from '../../../src/relying-party/client-store.ts'
import type { Registration } from '../../../src/relying-party/registration.ts'

const SECRET = randomBytes(32).toString('base64url')
const SHOP: Registration = {
  clientId: 'shop',
  clientSecret: SECRET,
  displayName: { ja: '見本の店', en: 'Sample shop' },
  redirectUris: ['https://shop.example/callback'],
}

let stored: Map<string, StoredClient>
const registryWith = (sealingKey: Uint8Array): ClientRegistry =>
  createClientRegistry({
    store: {
      find: (clientId) => Promise.resolve(stored.get(clientId)),
      upsert: (client) => Promise.resolve(void stored.set(client.clientId, structuredClone(client))),
    },
    sealingKey,
    now: () => new Date('2026-11-22T03:00:00Z'),
  })
let registry: ClientRegistry

beforeEach(() => {
  stored = new Map()
  registry = registryWith(Buffer.alloc(32, 7))
})

const BAD_REDIRECT_URIS = [
  'http://shop.example/callback',
  'https://shop.example/callback#fragment',
  'https://shop.example/callback#',
  'https://user@shop.example/callback',
  'https://SHOP.example/callback',
  'https://shop.example:443/callback',
  'https://shop.example/a/../callback',
  'https://shop.example',
  'javascript:alert(1)',
  'data:text/html,hello',
  '/callback',
  'not a URI',
]

const BAD_FIELDS: readonly (readonly [field: string, change: object])[] = [
  ['redirectUris', { redirectUris: [] }],
  ...BAD_REDIRECT_URIS.map((uri) => ['redirectUris', { redirectUris: [uri] }] as const),
  ['postLogoutRedirectUris', { postLogoutRedirectUris: ['http://shop.example/'] }],
  ['displayName', { displayName: { ja: '店', en: 'line\nbreak' } }],
  ['displayName', { displayName: { ja: '店', en: 'right\u202eto left' } }],
  ['displayName', { displayName: { ja: '', en: 'Shop' } }],
  ['clientSecret', { clientSecret: 'short' }],
  ['clientId', { clientId: 'shop and more' }],
  ['sectorIdentifierUri', { redirectUris: ['https://a.example/cb', 'https://b.example/cb'] }],
  ['sectorIdentifierUri', { sectorIdentifierUri: 'http://sector.example/' }],
  ['revocationPolicy', { revocationPolicy: 'whatever' }],
  ['', { revocationPolicyy: 'allow-unchecked' }],
]

describe('refused, naming the field, with nothing stored', () => {
  test.each(BAD_FIELDS)('%s: %j', async (field, change) => {
    const fault: unknown = await registry.upsert({ ...SHOP, ...change }).catch((thrown: unknown) => thrown)
    expect(fault).toBeInstanceOf(z.ZodError)
    expect(String((fault as z.ZodError).issues[0]?.path[0] ?? '')).toBe(field)
    expect(stored.size).toBe(0)
  })
})

describe('registered', () => {
  test('what is left out is strict: pairwise subjects, revocation required', async () => {
    await registry.upsert(SHOP)
    expect(await registry.find('shop')).toEqual({
      ...SHOP,
      postLogoutRedirectUris: [],
      revocationPolicy: 'require-good',
      subjectType: 'pairwise',
      idTokenAlgorithm: 'ES256',
    })
    expect(await registry.find('other')).toBeUndefined()
  })

  test.each([
    ['http://localhost:3000/callback'],
    ['http://127.0.0.1:3000/callback'],
    ['http://[::1]:3000/callback'],
    ['https://shop.example/callback?from=sekisho'],
  ])('redirect URI %s', async (uri) => {
    await registry.upsert({ ...SHOP, redirectUris: [uri] })
    expect(await registry.find('shop')).toMatchObject({ redirectUris: [uri] })
  })

  test('a public client has no secret, and one that becomes public loses it', async () => {
    await registry.upsert(SHOP)
    const { clientSecret: _secret, ...publicShop } = SHOP
    await registry.upsert(publicShop)
    expect(await registry.find('shop')).not.toHaveProperty('clientSecret')
  })

  test('hosts that share a sector say so', async () => {
    const shared = {
      redirectUris: ['https://a.example/cb', 'https://b.example/cb'],
      sectorIdentifierUri: 'https://example.com/sector.json',
    }
    await registry.upsert({ ...SHOP, ...shared })
    expect(await registry.find('shop')).toMatchObject(shared)
  })
})

describe('the secret at rest', () => {
  test('is not readable', async () => {
    await registry.upsert(SHOP)
    const row = stored.get('shop')
    expect(JSON.stringify(row) + Buffer.from(row?.sealedSecret ?? []).toString('latin1')).not.toContain(SECRET)
  })

  test('opens with no other key, and for no other client', async () => {
    await registry.upsert(SHOP)
    await expect(registryWith(Buffer.alloc(32, 8)).find('shop')).rejects.toThrow()
    stored.set('other', { ...(stored.get('shop') as StoredClient), clientId: 'other' })
    await expect(registry.find('other')).rejects.toThrow()
  })
})
