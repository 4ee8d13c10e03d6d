import { randomBytes } from 'node:crypto'
import { Validator } from '@seriousme/openapi-schema-validator'
import * as oidc from 'openid-client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { codeOf, createConsoleUser, type ConsoleUser } from '../../support/console-user.ts'
import { createPersonWithCard } from '../../support/person-with-card.ts'
import { startWholeSystem, type WholeSystem } from '../../support/whole-system.ts'

let system: WholeSystem
let owner: ConsoleUser
let api: string
let client: oidc.Configuration
let secret: string

/** A program that an owner has added in the console, and that asks for its tokens with a library of others. */
beforeAll(async () => {
  system = await startWholeSystem({ withoutAgent: true, withConsole: true })
  owner = createConsoleUser(system, 'taro')
  await owner.accept(system.demo.urls.invitation ?? '')
  api = `${owner.origin}/admin/api/v1`
  secret = await addClient('robot', [
    'admin:relying-parties:read',
    'admin:proposals:create',
    'admin:proposals:preview',
    'admin:accounts:read',
    'admin:administrators:read',
  ])
  client = await oidc.discovery(new URL(system.issuer), 'robot', undefined, oidc.ClientSecretBasic(secret), {
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- this provider is on this machine
    execute: [oidc.allowInsecureRequests],
  })
})
afterAll(() => system.close())

async function askToAdd(id: string, scope: string) {
  const page = await owner.open('/admin/api-clients')
  const csrf = /name="csrf" value="([^"]+)"/.exec(page.html)?.[1] ?? ''
  return owner.browser.submit(page, '/admin/api-clients', { csrf, client: id, scope })
}

async function addClient(id: string, scopes: readonly string[]): Promise<string> {
  const asked = await askToAdd(id, scopes[0] ?? '')
  const added = await owner.carryOut(asked)
  const made = /id="client-secret">([^<]+)</.exec(added.html)?.[1]
  if (made === undefined) throw new Error(`no secret: ${added.status} ${codeOf(added) ?? ''}`)
  // a scripted form has each name once; the others are ticked by hand
  await system.database.query('UPDATE admin_api_clients SET scopes = $2 WHERE client_id = $1', [id, scopes])
  return made
}

async function tokenFor(scope: string): Promise<string> {
  return (await oidc.clientCredentialsGrant(client, { scope, resource: api })).access_token
}

async function call(path: string, token: string, init: RequestInit = {}) {
  const answer = await fetch(`${api}${path}`, {
    ...init,
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      ...(init.headers as Record<string, string> | undefined),
    },
  })
  const text = await answer.text()
  const body = (text === '' ? undefined : JSON.parse(text)) as Record<string, unknown> | undefined
  return { status: answer.status, headers: answer.headers, body }
}

test('attack 44: whoever adds a client that somebody else registered is told who gets its rights', async () => {
  const note = 'Whoever has its secret or its keys gets these rights'
  expect((await askToAdd('robot', 'admin:accounts:read')).html).toContain(note)
  expect((await askToAdd('nobody-yet', 'admin:accounts:read')).html).not.toContain(note)
})

describe('the description', () => {
  test('is OpenAPI 3.1, says so to everybody, and a validator of others takes it', async () => {
    const document = (await (await fetch(`${api}/openapi.json`)).json()) as Record<string, unknown>
    const { valid, errors } = await new Validator().validate(document)
    expect({ valid, errors }).toEqual({ valid: true, errors: undefined })
    expect(document['openapi']).toBe('3.1.0')
    const paths = document['paths'] as Record<string, Record<string, { operationId: string; security: unknown }>>
    const operations = Object.values(paths).flatMap((path) => Object.values(path))
    expect(operations).toHaveLength(system.demo.provider.admin?.routes.api.length ?? 0)
    expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length)
    expect(operations.every(({ security }) => JSON.stringify(security).includes('admin:'))).toBe(true)
  })

  test('is a page of the console', async () => {
    const page = await owner.open('/admin/api')
    expect(page.status).toBe(200)
    expect(page.html).toContain('/admin/api/v1/administrators')
    const here = /<a href="([^"]+)" aria-current="page"/g
    expect([...page.html.matchAll(here)].map(([, href]) => href)).toEqual(['/admin/api'])
    const beside = await owner.open('/admin/api-clients')
    expect([...beside.html.matchAll(here)].map(([, href]) => href)).toEqual(['/admin/api-clients'])
  })
})

describe('requests', () => {
  test('a list, by a token for this API and this act', async () => {
    const { status, body } = await call('/relying-parties', await tokenFor('admin:relying-parties:read'))
    expect(status).toBe(200)
    expect(body?.['items']).toBeInstanceOf(Array)
  })

  test('attack 44: the console’s administrators are none of a program’s business', async () => {
    const { status, body } = await call('/administrators', await tokenFor('admin:administrators:read'))
    expect([status, body?.['code']]).toEqual([403, 'ADMIN_FORBIDDEN'])
  })

  test.each([
    ['/relying-parties?limit=0', 'query.limit'],
    ['/relying-parties?limit=1000', 'query.limit'],
    ['/relying-parties?nonsense=1', 'query'],
  ])('a request that does not fit names where: %s', async (path, at) => {
    const { status, headers, body } = await call(path, await tokenFor('admin:relying-parties:read'))
    expect([status, headers.get('content-type'), body?.['code']]).toEqual([
      400,
      expect.stringContaining('application/problem+json'),
      'ADMIN_REQUEST_INVALID',
    ])
    expect((body?.['errors'] as { at: string }[])[0]?.at).toBe(at)
    expect(JSON.stringify(body)).not.toContain('nonsense=1')
  })

  test.each([
    ['no JSON', { body: '{' }, 400, 'ADMIN_REQUEST_INVALID'],
    ['too much', { body: JSON.stringify({ x: 'x'.repeat(300_000) }) }, 413, 'CLIENT_BODY_TOO_LARGE'],
    ['a key that is none', { body: '{}', headers: { 'idempotency-key': 'x' } }, 400, 'ADMIN_REQUEST_INVALID'],
  ])('a body with %s', async (_what, init, status, code) => {
    const answer = await call('/proposals', await tokenFor('admin:proposals:create'), { method: 'POST', ...init })
    expect([answer.status, answer.body?.['code']]).toEqual([status, code])
  })

  test('attack 44: a token bound to a key is good with a proof of it, once, and for this request', async () => {
    const keys = await oidc.randomDPoPKeyPair('ES256', { extractable: true })
    const DPoP = oidc.getDPoPHandle(client, keys)
    const { access_token: token } = await oidc.clientCredentialsGrant(
      client,
      { scope: 'admin:relying-parties:read', resource: api },
      { DPoP },
    )
    const proofs: string[] = []
    const watched = new oidc.Configuration(client.serverMetadata(), 'robot', undefined, oidc.ClientSecretBasic(secret))
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- this provider is on this machine
    oidc.allowInsecureRequests(watched)
    watched[oidc.customFetch] = (url, init) => {
      proofs.push((init.headers as Readonly<Record<string, string>>)['dpop'] ?? '')
      return fetch(url, init as RequestInit)
    }
    const address = new URL(`${api}/relying-parties`)
    const good = await oidc.fetchProtectedResource(watched, token, address, 'GET', null, undefined, { DPoP })
    expect(good.status).toBe(200)
    const ask = (headers: Record<string, string>) => fetch(`${api}/relying-parties`, { headers })
    for (const headers of [
      { authorization: `Bearer ${token}` },
      { authorization: `DPoP ${token}` },
      { authorization: `DPoP ${token}`, dpop: proofs.at(-1) ?? '' },
    ]) {
      expect((await ask(headers)).status).toBe(401)
    }
  })
})

describe('an administrator through a program', () => {
  const redirectUri = 'http://localhost:1/callback'
  const scope = 'admin:administrators:read admin:relying-parties:register'

  /** As a command-line tool does it: the person agrees in the browser, the token names the API. */
  const tokenOfPerson = async (persona: string): Promise<string> => {
    const verifier = oidc.randomPKCECodeVerifier()
    const person = createPersonWithCard({ issuer: system.issuer, persona, card: (name) => system.demo.jpki.card(name) })
    const answered = await person.authorize(
      oidc.buildAuthorizationUrl(tool, {
        redirect_uri: redirectUri,
        scope: `openid ${scope}`,
        resource: api,
        code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
      }),
    )
    const tokens = await oidc.authorizationCodeGrant(tool, answered, { pkceCodeVerifier: verifier }, { resource: api })
    return tokens.access_token
  }
  let tool: oidc.Configuration
  beforeAll(async () => {
    const toolSecret = randomBytes(32).toString('base64url')
    await system.demo.provider.clients.upsert({
      clientId: 'tool',
      clientSecret: toolSecret,
      displayName: { ja: 'tool', en: 'tool' },
      redirectUris: [redirectUri],
      resources: [{ resource: api, scopes: scope.split(' ') }],
    })
    await system.database.query(
      `INSERT INTO admin_api_clients (client_id, scopes, added_by, added_at) VALUES ('tool', $1, 'operator', now())`,
      [scope.split(' ')],
    )
    tool = await oidc.discovery(new URL(system.issuer), 'tool', undefined, oidc.ClientSecretBasic(toolSecret), {
      // eslint-disable-next-line @typescript-eslint/no-deprecated -- this provider is on this machine
      execute: [oidc.allowInsecureRequests],
    })
  })

  test('attack 44: what their role allows, a dangerous act with a tap of now, and nothing once the role is gone', async () => {
    const stranger = await tokenOfPerson('hanako')
    expect((await call('/administrators', stranger)).body?.['code']).toBe('ADMIN_FORBIDDEN')

    const token = await tokenOfPerson('taro')
    const list = await call('/administrators', token)
    expect([list.status, list.body?.['items']]).toMatchObject([200, [{ role: 'owner', stands: true }]])
    const begun = await call('/relying-parties', token, { method: 'POST', body: '{}' })
    expect(begun.body?.['code']).toBe('ADMIN_REQUEST_INVALID')
    const { rows } = await system.database.query<{ actor: string; details: Record<string, unknown> }>(
      `SELECT actor, details FROM audit_events WHERE type = 'admin.act_begun' AND client_id = 'tool'`,
    )
    expect(rows).toMatchObject([{ details: { act: 'relying-parties.register', role: 'owner', tapped: true } }])

    await system.database.query(`UPDATE oidc_artifacts SET payload = jsonb_set(payload, '{extra,auth_time}', '1')
      WHERE model = 'AccessToken' AND payload ->> 'clientId' = 'tool'`)
    const old = await call('/relying-parties', token, { method: 'POST', body: '{}' })
    expect([old.status, old.body?.['code']]).toEqual([401, 'ADMIN_TAP_TOO_OLD'])
    expect(old.headers.get('www-authenticate')).toContain('insufficient_user_authentication')

    await system.database.query('DELETE FROM admin_api_clients WHERE client_id = $1', ['tool'])
    expect((await call('/administrators', token)).body?.['code']).toBe('CLIENT_SCOPE_MISSING')
  })
})

describe('sent again', () => {
  const key = { 'idempotency-key': '"b6f7a2f0-0000-4000-8000-000000000001"' }
  const propose = (token: string, body: unknown) =>
    call('/proposals', token, { method: 'POST', body: JSON.stringify(body), headers: key })

  test('what was refused may be sent again; what was done is answered as before, and done once', async () => {
    await createConsoleUser(system, 'hanako').signIn()
    const { rows } = await system.database.query<{ account_id: string }>(
      `SELECT account_id FROM audit_events WHERE type = 'account.created' ORDER BY sequence DESC LIMIT 1`,
    )
    const proposed = { act: 'suspend', accountId: rows[0]?.account_id }
    const token = await tokenFor('admin:proposals:create')
    const preview = await call('/proposals/preview', await tokenFor('admin:proposals:preview'), {
      method: 'POST',
      body: JSON.stringify(proposed),
    })
    expect(preview.status).toBe(200)
    const body = { proposed, reason: 'a test', version: preview.body?.['version'] }

    const refused = await propose(token, { ...body, version: 'another' })
    expect(refused.status).toBeGreaterThanOrEqual(400)
    const [one, other] = [await propose(token, body), await propose(token, body)]
    expect([one.status, other.status]).toEqual([201, 201])
    expect(other.body).toEqual(one.body)
    expect(other.headers.get('location')).toBe(`/admin/api/v1/proposals/${String(one.body?.['id'])}`)
    expect((await system.database.query('SELECT FROM link_proposals')).rowCount).toBe(1)
    const reused = await propose(token, { ...body, reason: 'something else' })
    expect([reused.status, reused.body?.['code']]).toEqual([422, 'ADMIN_KEY_REUSED'])
    // kept sealed: an answer may hold a secret
    const kept = await system.database.query<{ sealed_answer: Buffer }>(
      'SELECT sealed_answer FROM admin_idempotency_keys',
    )
    expect(kept.rows.map(({ sealed_answer: box }) => box.includes(String(one.body?.['id'])))).toEqual([false])
  })

  test('attack 44: a program proposes, and approves nothing', async () => {
    const { rows } = await system.database.query<{ id: string; approved_by: string | null }>(
      'SELECT id, approved_by FROM link_proposals',
    )
    expect(rows).toMatchObject([{ approved_by: null }])
    const token = await tokenFor('admin:proposals:create')
    const { status } = await call(`/proposals/${rows[0]?.id}/approval`, token, { method: 'POST', body: '{}' })
    expect(status).toBe(403)
  })
})
