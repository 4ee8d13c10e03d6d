import { Provider } from 'oidc-provider'
import { expect, test } from 'vitest'
import { lightenModels } from '../../../src/oidc/lighten-models.ts'

/** What is written down is what the library itself would write down, member for member and in its order. */
const keys = { cookies: { keys: ['a key for no cookie'] }, features: { devInteractions: { enabled: false } } }
const plain = new Provider('https://id.example', keys)
const light = new Provider('https://id.example', keys)
lightenModels(light)

type Made = { getValueAndPayload(): Promise<{ value: unknown; payload: Record<string, unknown> }> }
/** Their constructors take more than the types say. */
type Make = (
  models: Readonly<
    Record<
      'Interaction' | 'Session' | 'Grant' | 'AuthorizationCode' | 'RefreshToken' | 'ReplayDetection',
      new (...args: unknown[]) => object
    >
  >,
) => object

const modelsOf = (provider: Provider) => provider as unknown as Parameters<Make>[0]

const TOKEN = { jti: 'x', iat: 5, exp: 9, accountId: 'a', clientId: 'c', grantId: 'g', scope: 'openid', sid: undefined }
const MODELS: readonly (readonly [string, Make])[] = [
  [
    'an interaction',
    ({ Interaction: Model }) =>
      new Model('uid', { params: { client_id: 'c', 'x y': '"' }, prompt: {}, returnTo: '', cid: 'c' }),
  ],
  ['an interaction that has its end', ({ Interaction: Model }) => Object.assign(new Model('uid', {}), TOKEN)],
  ['a new session', ({ Session: Model }) => Object.assign(new Model(), { uid: 'u', jti: 'x' })],
  [
    'a session',
    ({ Session: Model }) => new Model({ ...TOKEN, uid: 'u', authorizations: { c: { sid: 's' } }, amr: [] }),
  ],
  ['a grant', ({ Grant: Model }) => new Model({ ...TOKEN, openid: { scope: 'openid', claims: [] } })],
  ['a code', ({ AuthorizationCode: Model }) => new Model({ ...TOKEN, consumed: 7, nonce: '' })],
  ['a code without times', ({ AuthorizationCode: Model }) => new Model({ jti: 'x' })],
  ['a refresh token', ({ RefreshToken: Model }) => new Model({ ...TOKEN, rotations: 0, amr: null })],
  ['what is no member', ({ Grant: Model }) => Object.assign(new Model(TOKEN), { pizza: 1, toString: 2 })],
  ['a remembered proof', ({ ReplayDetection: Model }) => new Model({ jti: 'x', iss: 'c' })],
]

test.each(MODELS)('%s', async (_name, make) => {
  const made = await (make(modelsOf(light)) as Made).getValueAndPayload()
  const expected = await (make(modelsOf(plain)) as Made).getValueAndPayload()
  // made within one second, or in two that follow each other
  for (const time of ['iat', 'exp', 'iiat']) {
    const [one, other] = [made.payload[time], expected.payload[time]]
    expect(typeof one).toBe(typeof other)
    if (typeof one === 'number' && Math.abs(one - Number(other)) <= 1) made.payload[time] = other
  }
  expect(made).toEqual(expected)
  expect(Object.keys(made.payload)).toEqual(Object.keys(expected.payload))
})
