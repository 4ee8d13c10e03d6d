import { hash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Provider } from 'oidc-provider'
import { afterEach, expect, test } from 'vitest'
import { Refusal } from '../../src/error-registry/refusal.ts'
import { answerPlainGrants, type PlainGrantDependencies } from '../../src/oidc/token/answer-plain-grants.ts'

/** What a store that goes away does to what is beyond doubt: before it is used up the library meets the fault, then nobody gets a token. */
const VERIFIER = 'v'.repeat(43)
const CODE = 'c'.repeat(46)
const REFRESH_TOKEN = `skrt_${'r'.repeat(46)}`
const seconds = Math.floor(Date.now() / 1000)
const code = {
  kind: 'AuthorizationCode',
  ...{ clientId: 'site', accountId: 'a', grantId: 'g', sessionUid: 'u', acr: 'phrh', authTime: seconds },
  ...{ iat: seconds, exp: seconds + 60, scope: 'openid', redirectUri: 'https://site.example/cb' },
  ...{ codeChallenge: hash('sha256', VERIFIER, 'base64url'), codeChallengeMethod: 'S256' },
}
const refreshToken = { ...code, kind: 'RefreshToken', iiat: seconds }
const grant = { clientId: 'site', accountId: 'a', exp: seconds + 60, openid: { scope: 'openid' } }
const client = {
  ...{ clientId: 'site', clientAuthMethod: 'client_secret_basic', sekisho_sector: 's', sekisho_first_party: true },
  grantTypeAllowed: () => true,
  compareClientSecret: () => true,
}
const away = () => Promise.reject(new Refusal('SERVER_STORAGE_UNAVAILABLE', 'away'))

let server: Server
afterEach(() => {
  server.close()
})

const CODE_FORM = {
  grant_type: 'authorization_code',
  ...{ code: CODE, redirect_uri: code.redirectUri, code_verifier: VERIFIER },
}
const REFRESH_FORM = { grant_type: 'refresh_token', refresh_token: REFRESH_TOKEN }

async function redeem(
  faulty: Partial<PlainGrantDependencies['artifacts']>,
  form: Readonly<Record<string, string>> = CODE_FORM,
  others: Partial<PlainGrantDependencies> = {},
) {
  const told: string[] = []
  const deps = {
    issuer: 'https://id.example',
    artifacts: {
      findWithGrant: (model: string) => Promise.resolve([model === code.kind ? code : refreshToken, grant]),
      findSession: () => Promise.resolve(undefined),
      consume: () => Promise.resolve(true),
      writeTogether: () => Promise.resolve(),
      ...faulty,
    },
    succession: { claim: () => Promise.resolve('s'.repeat(46)) },
    authentications: { find: () => Promise.resolve({ credentialId: 'k', signOuts: 0, certStatus: {} }) },
    standing: { find: () => Promise.resolve({ signOuts: 0, subject: 'sub' }) },
    knownSubjects: { keep: () => undefined },
    externalIdOf: () => Promise.resolve(undefined),
    now: () => new Date(),
    newIncidentId: () => 'the incident',
    onFault: ({ code: what }: Refusal) => told.push(what),
    ...others,
  } as unknown as PlainGrantDependencies
  class IdToken {
    readonly set = () => undefined
    readonly issue = () => Promise.resolve('the ID token')
  }
  const provider = { Client: { find: () => Promise.resolve(client) }, IdToken } as unknown as Provider
  server = createServer((req, res) => {
    void answerPlainGrants(deps, provider, (_again, answer) => answer.end('the library'))(req, res)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const answer = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/token`, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      authorization: `Basic ${Buffer.from('site:secret').toString('base64')}`,
      connection: 'close',
    },
    body: new URLSearchParams(form).toString(),
  })
  return { answer, text: await answer.text(), told }
}

test.each([
  ['a code', CODE_FORM],
  ['a refresh token', REFRESH_FORM],
])('%s: nothing is away', async (_what, form) => {
  const { answer, text } = await redeem({}, form)
  expect([answer.status, JSON.parse(text)]).toEqual([200, expect.objectContaining({ id_token: 'the ID token' })])
})

test.each([
  ['it could not be read', { findWithGrant: away }],
  ['somebody else used it up', { consume: () => Promise.resolve(false) }],
])('%s: the library is asked', async (_what, faulty) => {
  expect((await redeem(faulty)).text).toBe('the library')
})

const nobodyKnows = { standing: { find: away } }

// else the tokens of whoever came first would go on, though the code was shown twice (RFC 6749 §4.1.2)
test('a code was used up by somebody else, and it cannot be asked who is behind it: the library is asked', async () => {
  expect((await redeem({ consume: () => Promise.resolve(false) }, CODE_FORM, nobodyKnows)).text).toBe('the library')
})

test.each([
  ['it cannot be asked who is behind it', nobodyKnows],
  ['its successor cannot be drawn', { succession: { claim: away } }],
])('a refresh token, and %s: it is not used up, and the library is asked', async (_what, others) => {
  const used: string[] = []
  const consume = (_model: string, id: string) => Promise.resolve(used.push(id) > 0)
  expect((await redeem({ consume }, REFRESH_FORM, others)).text).toBe('the library')
  expect(used).toEqual([])
})

test('a code that was used up, and it cannot be asked who is behind it: 503, no token', async () => {
  const { answer, told } = await redeem({}, CODE_FORM, nobodyKnows)
  expect([answer.status, told]).toEqual([503, ['SERVER_STORAGE_UNAVAILABLE']])
})

test.each([
  ['it is not known whether it was used up', { consume: away }],
  ['what was made could not be written', { writeTogether: away }],
])('%s: 503, no token, and when to come again', async (_what, faulty) => {
  const { answer, text, told } = await redeem(faulty)
  expect(answer.status).toBe(503)
  expect(JSON.parse(text)).toEqual({
    error: 'temporarily_unavailable',
    error_description: 'SERVER_STORAGE_UNAVAILABLE',
  })
  expect(answer.headers.get('retry-after')).not.toBeNull()
  expect(answer.headers.get('x-incident-id')).toBe('the incident')
  expect(told).toEqual(['SERVER_STORAGE_UNAVAILABLE'])
})
