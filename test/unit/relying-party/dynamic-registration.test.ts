import { randomBytes } from 'node:crypto'
import { beforeEach, describe, expect, test } from 'vitest'
import { createClientAdministration } from '../../../src/relying-party/client-administration.ts'
import {
  createDynamicRegistration,
  type DynamicRegistration,
} from '../../../src/relying-party/dynamic/create-dynamic-registration.ts'
import { createMemoryClientStore, type MemoryClientStore } from '../../support/memory-client-store.ts'

const PUBLIC_JWK = { kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA', kid: 'one' }
const TOKEN = 'sekisho_rt_good'
const METADATA = { client_name: 'Robot shop', redirect_uris: ['https://robot.example/cb'] }
const now = (): Date => new Date('2026-11-22T03:00:00Z')

let store: MemoryClientStore
let registration: DynamicRegistration
let usesLeft: number
let told: string[]
let configurationTokens: Map<string, string>
const hex = (digest: Uint8Array): string => Buffer.from(digest).toString('hex')

beforeEach(() => {
  store = createMemoryClientStore()
  usesLeft = 1
  told = []
  configurationTokens = new Map()
  registration = createDynamicRegistration({
    transact: (work) =>
      work({
        clients: createClientAdministration({ store, now, random: randomBytes }),
        tokens: {
          find: () => Promise.resolve(usesLeft > 0 ? { owner: 'Robots' } : undefined),
          take: () => Promise.resolve(usesLeft-- > 0),
        },
        configurationTokens: {
          insert: (clientId, digest) => Promise.resolve(void configurationTokens.set(clientId, hex(digest))),
          find: (digest) => Promise.resolve([...configurationTokens].find(([, known]) => known === hex(digest))?.[0]),
          remove: (clientId) => Promise.resolve(void configurationTokens.delete(clientId)),
        },
        tell: (change, clientId) => Promise.resolve(void told.push(`${change} ${clientId}`)),
      }),
    endpoint: 'https://provider.example/register',
    random: randomBytes,
    now,
  })
})

describe('refused, with nothing registered and no use of the token taken', () => {
  test.each<[string, unknown, string, RegExp]>([
    ['not an object', ['x'], 'invalid_client_metadata', /JSON object/],
    ['nothing', undefined, 'invalid_client_metadata', /JSON object/],
    ['no name', { redirect_uris: METADATA.redirect_uris }, 'invalid_client_metadata', /client_name/],
    ['no redirect URI', { client_name: 'x' }, 'invalid_redirect_uri', /redirect_uris/],
    [
      'http:',
      { ...METADATA, redirect_uris: ['http://robot.example/cb'] },
      'invalid_redirect_uri',
      /^redirect_uris\.0: /,
    ],
    ['the implicit flow', { ...METADATA, response_types: ['id_token'] }, 'invalid_client_metadata', /response_types/],
    ['a password grant', { ...METADATA, grant_types: ['password'] }, 'invalid_client_metadata', /grant_types/],
    [
      'a weak method',
      { ...METADATA, token_endpoint_auth_method: 'client_secret_post' },
      'invalid_client_metadata',
      /token_endpoint_auth_method/,
    ],
    [
      'no signature',
      { ...METADATA, id_token_signed_response_alg: 'none' },
      'invalid_client_metadata',
      /id_token_signed_response_alg/,
    ],
    ['a logo that runs', { ...METADATA, logo_uri: 'javascript:alert(1)' }, 'invalid_client_metadata', /logo_uri/],
    ['a private key', { ...METADATA, jwks: { keys: [{ kty: 'EC', d: 'x' }] } }, 'invalid_client_metadata', /jwks/],
    [
      'a name that lies about its direction',
      { ...METADATA, client_name: 'a\u202eb' },
      'invalid_client_metadata',
      /client_name/,
    ],
  ])('%s', async (_name, metadata, error, names) => {
    const answer = await registration.register(TOKEN, metadata)
    expect(answer).toMatchObject({ status: 400, body: { error } })
    expect(answer.body['error_description']).toMatch(names)
    expect([store.rows.size, usesLeft, told]).toEqual([0, 1, []])
  })

  test.each([[undefined], ['sekisho_rt_spent']])('the token %s', async (token) => {
    usesLeft = token === undefined ? 1 : 0
    expect(await registration.register(token, METADATA)).toMatchObject({
      status: 401,
      body: { error: 'invalid_token' },
    })
    expect(store.rows.size).toBe(0)
  })

  test('the last use, asked for ten times at once, is given once', async () => {
    const answers = await Promise.all(Array.from({ length: 10 }, () => registration.register(TOKEN, METADATA)))
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1)
    expect(store.rows.size).toBe(1)
  })
})

describe('registered', () => {
  test('with an id and a secret of ours, shown once; the owner is the token’s', async () => {
    const { status, body } = await registration.register(TOKEN, {
      ...METADATA,
      'client_name#ja': 'ロボットの店',
      owner: 'me',
    })
    expect([status, body]).toEqual([
      201,
      expect.objectContaining({
        client_name: 'Robot shop',
        'client_name#ja': 'ロボットの店',
        redirect_uris: METADATA.redirect_uris,
        token_endpoint_auth_method: 'client_secret_basic',
        client_secret_expires_at: 0,
        response_types: ['code'],
      }),
    ])
    const row = store.rows.get(String(body['client_id']))
    expect(row?.registration).toMatchObject({ owner: 'Robots' })
    expect(JSON.stringify(row)).not.toContain(body['client_secret'])
    expect(told).toEqual([`registered_itself ${String(body['client_id'])}`])
  })

  test('nothing that only an operator grants, whatever is asked for', async () => {
    const greedy = {
      revocation_policy: 'allow-unchecked',
      revocationPolicy: 'allow-unchecked',
      resources: ['x'],
      profile: 'x',
      clientId: 'sekisho-account',
      client_id: 'sekisho-account',
      client_secret: 's'.repeat(43),
    }
    const { status, body } = await registration.register(TOKEN, { ...METADATA, ...greedy })
    expect(status).toBe(201)
    expect(body['client_id']).not.toBe('sekisho-account')
    expect(body['client_secret']).not.toBe(greedy.client_secret)
    expect([...store.rows.values()][0]?.registration).toMatchObject({ revocationPolicy: 'require-good', resources: [] })
  })

  test('a native application keeps no secret', async () => {
    const metadata = { ...METADATA, application_type: 'native', redirect_uris: ['http://127.0.0.1/cb'] }
    const { body } = await registration.register(TOKEN, metadata)
    expect(body).toMatchObject({ application_type: 'native', token_endpoint_auth_method: 'none' })
    expect(body).not.toHaveProperty('client_secret')
  })
})

describe('RFC 7592: its own client, with its own token', () => {
  interface Registered {
    readonly client_id: string
    readonly client_secret: string
    readonly registration_access_token: string
    readonly registration_client_uri: string
  }
  const register = async (): Promise<Registered> =>
    (await registration.register(TOKEN, { ...METADATA, policy_uri: 'https://robot.example/privacy' }))
      .body as unknown as Registered

  test('registering says where it is looked after, and by which token, which is kept as its digest', async () => {
    const { client_id: id, registration_access_token: token, registration_client_uri: uri } = await register()
    expect(uri).toBe(`https://provider.example/register/${id}`)
    expect(token).toMatch(/^sekisho_ct_[\w-]{43}$/)
    expect(JSON.stringify([...store.rows, ...configurationTokens])).not.toContain(token)
  })

  test.each(['read', 'replace', 'remove'] as const)(
    '%s with no token, an unknown one, an initial one, or another client’s is refused alike, and changes nothing',
    async (what) => {
      const own = await register()
      usesLeft = 1
      const other = await register()
      const before = JSON.stringify([...store.rows])
      told = []
      const metadata = { ...METADATA, client_id: own.client_id, client_name: 'Taken' }
      for (const token of [undefined, 'sekisho_ct_unknown', TOKEN, other.registration_access_token]) {
        const answer = await registration[what](token, own.client_id, metadata)
        expect(answer).toMatchObject({ status: 401, body: { error: 'invalid_token' } })
      }
      const unknown = await registration[what](own.registration_access_token, 'nobody', metadata)
      expect(unknown).toMatchObject({ status: 401, body: { error: 'invalid_token' } })
      expect([JSON.stringify([...store.rows]), told]).toEqual([before, []])
    },
  )

  test('reading says what was registered, and never the secret again', async () => {
    const { client_id: id, registration_access_token: token } = await register()
    const { status, body } = await registration.read(token, id)
    expect([status, body]).toEqual([
      200,
      expect.objectContaining({ client_id: id, client_name: 'Robot shop', registration_access_token: token }),
    ])
    expect(body).not.toHaveProperty('client_secret')
  })

  test('replacing takes back what is not said, and leaves what only operators grant', async () => {
    const { client_id: id, client_secret: secret, registration_access_token: token } = await register()
    const stored = store.rows.get(id)
    const granted = { revocationPolicy: 'allow-unchecked', firstParty: true, owner: 'Robots' }
    store.rows.set(id, { ...stored!, registration: { ...(stored?.registration as object), ...granted } })
    const { status, body } = await registration.replace(token, id, {
      ...METADATA,
      client_id: id,
      client_secret: secret,
      client_name: 'Robot store',
    })
    expect([status, body['client_name'], body['policy_uri']]).toEqual([200, 'Robot store', undefined])
    expect(store.rows.get(id)?.registration).toMatchObject(granted)
    expect(told.at(-1)).toBe(`updated_itself ${id}`)
  })

  test.each<[string, Record<string, unknown>, string, RegExp]>([
    ['another client_id', { client_id: 'other' }, 'invalid_client_metadata', /client_id/],
    ['no client_id', { client_id: undefined }, 'invalid_client_metadata', /client_id/],
    [
      'a token of its choice',
      { registration_access_token: 'x' },
      'invalid_client_metadata',
      /registration_access_token/,
    ],
    ['a wrong secret', { client_secret: 'x'.repeat(43) }, 'invalid_client_metadata', /client_secret/],
    ['a bad address', { redirect_uris: ['http://robot.example/cb'] }, 'invalid_redirect_uri', /redirect_uris\.0/],
    ['another sector', { redirect_uris: ['https://other.example/cb'] }, 'invalid_client_metadata', /another sub/],
    ['another flow', { response_types: ['token'] }, 'invalid_client_metadata', /response_types/],
  ])('replacing with %s is refused, and changes nothing', async (_what, change, error, names) => {
    const { client_id: id, registration_access_token: token } = await register()
    const before = JSON.stringify([...store.rows])
    const answer = await registration.replace(token, id, { ...METADATA, client_id: id, ...change })
    expect(answer).toMatchObject({ status: 400, body: { error } })
    expect(answer.body['error_description']).toMatch(names)
    expect(JSON.stringify([...store.rows])).toBe(before)
  })

  test('replacing takes no demand back, and makes no client one that need not prove itself', async () => {
    const { client_id: id, registration_access_token: token } = await register()
    const stored = store.rows.get(id)
    const demands = { requireDpop: true, requirePushedAuthorizationRequests: true }
    store.rows.set(id, { ...stored!, registration: { ...(stored?.registration as object), ...demands } })
    const words = { dpop_bound_access_tokens: false, require_signed_request_object: undefined }
    const { status, body } = await registration.replace(token, id, { ...METADATA, client_id: id, ...words })
    expect([status, body]).toEqual([
      200,
      expect.objectContaining({ dpop_bound_access_tokens: true, token_endpoint_auth_method: 'client_secret_basic' }),
    ])
    expect(store.rows.get(id)?.registration).toMatchObject(demands)
  })

  test('a client that proves itself by a key, and leaves the key out, is refused', async () => {
    const { client_id: id, registration_access_token: token } = await register()
    const stored = store.rows.get(id)
    const byKey = { tokenEndpointAuthMethod: 'private_key_jwt', jwks: { keys: [PUBLIC_JWK] } }
    store.rows.set(id, { ...stored!, registration: { ...(stored?.registration as object), ...byKey } })
    const answer = await registration.replace(token, id, { ...METADATA, client_id: id })
    expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_client_metadata' } })
    expect(store.rows.get(id)?.registration).toMatchObject(byKey)
  })

  test('what only operators grant has no word here', async () => {
    const { client_id: id, registration_access_token: token } = await register()
    const words = {
      firstParty: true,
      first_party: true,
      sekisho_first_party: true,
      resources: [{ resource: 'https://a/', scopes: ['x'] }],
    }
    expect((await registration.replace(token, id, { ...METADATA, client_id: id, ...words })).status).toBe(200)
    expect(store.rows.get(id)?.registration).toMatchObject({ firstParty: false, resources: [] })
  })

  test('removing ends client and token; the id is never given again', async () => {
    const { client_id: id, registration_access_token: token } = await register()
    expect((await registration.remove(token, id)).status).toBe(204)
    expect(store.rows.get(id)?.disabledAt).toEqual(now())
    expect((await registration.read(token, id)).status).toBe(401)
    expect(told.at(-1)).toBe(`deleted_itself ${id}`)
  })

  test('a client that an operator disabled is not looked after', async () => {
    const { client_id: id, registration_access_token: token } = await register()
    await store.setDisabled(id, true, now())
    expect((await registration.read(token, id)).status).toBe(401)
    expect((await registration.replace(token, id, { ...METADATA, client_id: id })).status).toBe(401)
  })
})
