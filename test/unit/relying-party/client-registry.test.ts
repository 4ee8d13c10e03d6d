import { createHash, randomBytes } from 'node:crypto'
import { beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { createClientRegistry, type ClientRegistry } from '../../../src/relying-party/client-registry.ts'
import type { StoredClient } from '../../../src/relying-party/client-store.ts'
import type { Registration } from '../../../src/relying-party/registration.ts'
import { createMemoryClientStore, type MemoryClientStore } from '../../support/memory-client-store.ts'

const SECRET = randomBytes(32).toString('base64url')
const SHOP: Registration = {
  clientId: 'shop',
  clientSecret: SECRET,
  displayName: { ja: '見本の店', en: 'Sample shop' },
  redirectUris: ['https://shop.example/callback'],
}

let store: MemoryClientStore
let registry: ClientRegistry
const NOW = new Date('2026-11-22T03:00:00Z')

beforeEach(() => {
  store = createMemoryClientStore()
  registry = createClientRegistry({ store, now: () => NOW })
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
    expect(store.rows.size).toBe(0)
  })
})

describe('registered', () => {
  test('what is left out is strict: pairwise subjects, revocation required', async () => {
    await registry.upsert(SHOP)
    const { clientSecret: _secret, ...written } = SHOP
    expect(await registry.find('shop')).toMatchObject({
      ...written,
      tokenEndpointAuthMethod: 'client_secret_basic',
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
    expect(await registry.find('shop')).toMatchObject({ tokenEndpointAuthMethod: 'none', secrets: [] })
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
  test('is a digest, and nothing that can be read', async () => {
    await registry.upsert(SHOP)
    const row = JSON.stringify(store.rows.get('shop'))
    expect(row).not.toContain(SECRET)
    expect(row).not.toContain(Buffer.from(SECRET).toString('base64'))
    const digest = createHash('sha256').update(SECRET).digest('base64url')
    expect(store.rows.get('shop')?.secrets).toEqual([{ digest, createdAt: NOW.toISOString() }])
  })
})

describe('attack 43: rows of another release', () => {
  test('a field that only a newer release knows does not make the client unknown', async () => {
    await registry.upsert(SHOP)
    change('shop', { registration: { ...registrationOf('shop'), ofTheNextRelease: true } })
    expect(await registry.find('shop')).toMatchObject({ redirectUris: SHOP.redirectUris })
  })

  test('a client with secrets that did not say how it authenticates does not become one without', async () => {
    await registry.upsert(SHOP)
    const { tokenEndpointAuthMethod: _unwritten, ...older } = registrationOf('shop')
    change('shop', { registration: older })
    expect(await registry.find('shop')).toMatchObject({ tokenEndpointAuthMethod: 'client_secret_basic' })
  })
})

const registrationOf = (clientId: string) => store.rows.get(clientId)?.registration as Record<string, unknown>
const change = (clientId: string, to: Partial<StoredClient>): void => {
  store.rows.set(clientId, { ...(store.rows.get(clientId) as StoredClient), ...to })
}
