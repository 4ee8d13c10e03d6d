import { describe, expect, test } from 'vitest'
import { authMethodOf } from '../../../src/relying-party/auth-method.ts'
import { registrationSchema, type Registration } from '../../../src/relying-party/registration.ts'

const SHOP: Registration = {
  clientId: 'shop',
  clientSecret: 's'.repeat(43),
  displayName: { ja: '見本の店', en: 'Sample shop' },
  redirectUris: ['https://shop.example/callback'],
}
const PUBLIC_JWK = { kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA', kid: 'one' } as const
const ORDERS = { resource: 'https://api.example/', scopes: ['orders:read'] }
const KEYS = { clientSecret: undefined, jwks: { keys: [PUBLIC_JWK] } }
const FAPI = { ...KEYS, profile: 'fapi2' }

const BAD_FIELDS: readonly (readonly [field: string, change: object])[] = [
  ['redirectUris', { redirectUris: ['jp.example.app:/callback'] }],
  ['redirectUris', { clientSecret: undefined, applicationType: 'native', redirectUris: ['app:/callback'] }],
  ['redirectUris', { clientSecret: undefined, applicationType: 'native', redirectUris: ['jp.example.app:/cb#here'] }],
  // anybody can write a host behind a scheme of their own: it must not share the sector of that host
  [
    'sectorIdentifierUri',
    {
      clientSecret: undefined,
      applicationType: 'native',
      redirectUris: ['https://shop.example/callback', 'jp.attacker.app://shop.example/callback'],
    },
  ],
  ['clientSecret', { applicationType: 'spa' }],
  ['clientSecret', { applicationType: 'native' }],
  ['clientSecret', { clientSecret: undefined, tokenEndpointAuthMethod: 'client_secret_basic' }],
  ['tokenEndpointAuthMethod', { tokenEndpointAuthMethod: 'client_secret_jwt' }],
  ['jwks', { tokenEndpointAuthMethod: 'private_key_jwt' }],
  ['jwks', { jwks: { keys: [] } }],
  ['jwks', { jwks: { keys: [{ kty: 'oct', k: 'c2VjcmV0' }] } }],
  ['jwks', { jwks: { keys: [{ ...PUBLIC_JWK, d: 'c2VjcmV0' }] } }],
  ['jwks', { requireSignedRequestObject: true }],
  ['jwksUri', { jwks: { keys: [PUBLIC_JWK] }, jwksUri: 'https://shop.example/jwks' }],
  ['jwksUri', { jwksUri: 'http://shop.example/jwks' }],
  ['jwksUri', { jwksUri: 'file:///etc/passwd' }],
  ['backchannelLogoutUri', { backchannelLogoutUri: 'ftp://shop.example/logout' }],
  ['backchannelLogoutUri', { backchannelLogoutUri: 'https://user:password@shop.example/logout' }],
  ['grantTypes', { grantTypes: ['implicit'] }],
  ['grantTypes', { grantTypes: [] }],
  ['grantTypes', { grantTypes: ['client_credentials', 'refresh_token'], resources: [ORDERS] }],
  ['clientSecret', { clientSecret: undefined, grantTypes: ['client_credentials'], resources: [ORDERS] }],
  ['resources', { grantTypes: ['client_credentials'] }],
  ['resources', { resources: [ORDERS, ORDERS] }],
  ['resources', { resources: [{ resource: 'https://api.example/', scopes: ['openid'] }] }],
  ['resources', { resources: [{ resource: 'https://api.example', scopes: ['read'] }] }],
  ['resourceServer', { resourceServer: { resource: 'https://api.example/#here', scopes: ['read'] } }],
  ['resourceServer', { resourceServer: { resource: 'https://api.example/', scopes: [] } }],
  ['resourceServer', { resourceServer: { ...ORDERS, accessTokenFormat: 'paseto' } }],
  ['clientSecret', { clientSecret: undefined, resourceServer: ORDERS }],
  ['defaultMaxAge', { defaultMaxAge: -1 }],
  ['jwks', { profile: 'fapi2' }],
  ['clientAssertionAlgorithm', { ...FAPI, clientAssertionAlgorithm: 'RS256' }],
  ['idTokenAlgorithm', { ...FAPI, idTokenAlgorithm: 'RS256' }],
  ['authorizationResponseAlgorithm', { ...FAPI, authorizationResponseAlgorithm: 'RS256' }],
  ['requestObjectAlgorithm', { ...FAPI, requestObjectAlgorithm: 'RS256' }],
  ['requestObjectAlgorithm', { ...KEYS, requestObjectAlgorithm: 'none' }],
  ['clientAssertionAlgorithm', { ...KEYS, clientAssertionAlgorithm: 'HS256' }],
]

test.each(BAD_FIELDS)('refused, naming %s: %j', (field, change) => {
  const { error } = registrationSchema.safeParse({ ...SHOP, ...change })
  expect(error?.issues.map(({ path }) => path[0])).toContain(field)
})

describe('accepted', () => {
  test.each([
    ['client_secret_basic', {}],
    ['private_key_jwt', KEYS],
    ['private_key_jwt', { clientSecret: undefined, jwksUri: 'https://shop.example/jwks' }],
    ['private_key_jwt', { ...FAPI, idTokenAlgorithm: 'ES256' }],
    ['client_secret_basic', { jwks: { keys: [PUBLIC_JWK] }, requireSignedRequestObject: true }],
    ['none', { clientSecret: undefined, applicationType: 'spa' }],
    ['none', { clientSecret: undefined, applicationType: 'native', redirectUris: ['jp.example.app:/callback'] }],
    ['client_secret_basic', { redirectUris: [], grantTypes: ['client_credentials'], resources: [ORDERS] }],
    ['client_secret_basic', { redirectUris: [], resourceServer: ORDERS }],
  ])('%s: %j', (method, change) => {
    const { data, error } = registrationSchema.safeParse({ ...SHOP, ...change })
    expect(error).toBeUndefined()
    expect(data && authMethodOf(data)).toBe(method)
  })
})
