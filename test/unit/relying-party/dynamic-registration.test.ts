import { randomBytes } from 'node:crypto'
import { beforeEach, describe, expect, test } from 'vitest'
import { createClientAdministration } from '../../../src/relying-party/client-administration.ts'
import {
  createDynamicRegistration,
  type DynamicRegistration,
} from '../../../src/relying-party/dynamic/create-dynamic-registration.ts'
import { createMemoryClientStore, type MemoryClientStore } from '../../support/memory-client-store.ts'

const TOKEN = 'sekisho_rt_good'
const METADATA = { client_name: 'Robot shop', redirect_uris: ['https://robot.example/cb'] }
const now = (): Date => new Date('2026-11-22T03:00:00Z')

let store: MemoryClientStore
let registration: DynamicRegistration
let usesLeft: number
let registered: string[]

beforeEach(() => {
  store = createMemoryClientStore()
  usesLeft = 1
  registered = []
  registration = createDynamicRegistration({
    clients: createClientAdministration({ store, now, random: randomBytes }),
    tokens: {
      find: () => Promise.resolve(usesLeft > 0 ? { owner: 'Robots' } : undefined),
      take: () => Promise.resolve(usesLeft-- > 0),
    },
    onRegistered: (clientId) => Promise.resolve(void registered.push(clientId)),
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
    expect([store.rows.size, usesLeft, registered]).toEqual([0, 1, []])
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
    expect(registered).toEqual([body['client_id']])
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
