import type { RequestListener } from 'node:http'
import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { mayRole, permissionOf, scopeOf, ACTS } from '../../../src/administration/permissions.ts'
import { ROLES, type Role } from '../../../src/administration/role.ts'
import { CONSOLE_DOORS } from '../../../src/web/admin/session-pages.ts'
import type { ApiRoute } from '../../../src/web/admin/api/define-api-route.ts'
import type { PageRoute } from '../../../src/web/admin/define-page.ts'
import { formTokenOf } from '../../../src/web/admin/draw-console.ts'
import { createConsoleUser } from '../../support/console-user.ts'
import { startWholeSystem, type WholeSystem } from '../../support/whole-system.ts'

/** Every page and every API route × every role × nobody × a stolen cookie without the card × forged forms × wrong tokens (attack 44). */
let system: WholeSystem
let origin: string
let pages: readonly PageRoute[]
let api: readonly ApiRoute[]
let app: RequestListener
/** Cookie values of sessions, one a role. */
const sessions = new Map<Role, string>()
const ID = '00000000-0000-4000-8000-000000000000'

beforeAll(async () => {
  system = await startWholeSystem({ withoutAgent: true, withConsole: true })
  const { admin } = system.demo.provider
  if (admin === undefined) throw new Error('no console')
  ;({ pages, api } = admin.routes)
  app = admin.app
  origin = new URL(system.demo.urls.admin ?? '').origin
  for (const role of ROLES) sessions.set(role, await plantSession(role))
})
afterAll(() => system.close())

/** As if the card of an administrator had opened it: the cookie is in somebody else's hands, the card is not. */
async function plantSession(role: Role): Promise<string> {
  const [accountId, credentialId] = [randomUUID(), randomUUID()]
  const secret = randomBytes(32).toString('base64url')
  const { database } = system
  await database.query(`INSERT INTO accounts (id, status, created_at) VALUES ($1, 'active', now())`, [accountId])
  await database.query(
    `INSERT INTO credentials (id, account_id, kind, handle, pepper_version, issuer_key_id, public_key_digest, status, first_seen_at)
     VALUES ($1, $2, 'card-auth', $3, 1, $3, $3, 'current', now())`,
    [credentialId, accountId, randomBytes(32)],
  )
  await database.query('INSERT INTO admins (account_id, role, at) VALUES ($1, $2, now())', [accountId, role])
  await database.query(
    `INSERT INTO admin_sessions (id_digest, account_id, credential_id, sign_outs, created_at, last_seen_at, expires_at)
     VALUES ($1, $2, $3, 0, now(), now(), now() + interval '1 hour')`,
    [createHash('sha256').update(secret).digest(), accountId, credentialId],
  )
  return secret
}

interface Sent {
  readonly session?: string
  readonly csrf?: string
  readonly from?: string
  readonly fetchSite?: string
}

async function ask({ method, path }: { method: string; path: string }, sent: Sent = {}) {
  const { session, csrf, from = origin, fetchSite } = sent
  const answer = await fetch(`${origin}/admin${path.replaceAll(/:\w+/g, ID)}`, {
    method: method.toUpperCase(),
    redirect: 'manual',
    headers: {
      ...(session === undefined ? {} : { cookie: `sekisho_admin=${session}` }),
      ...(method === 'get' ? {} : { origin: from, 'content-type': 'application/x-www-form-urlencoded' }),
      ...(fetchSite === undefined ? {} : { 'sec-fetch-site': fetchSite }),
    },
    ...(method === 'get' ? {} : { body: new URLSearchParams(csrf === undefined ? {} : { csrf }) }),
  })
  const text = await answer.text()
  return {
    status: answer.status,
    code: /data-error-code="(\w+)"/.exec(text)?.[1],
    location: answer.headers.get('location'),
  }
}

const begun = async () =>
  (
    await system.database.query<{ act: string; tapped: boolean }>(
      `SELECT details ->> 'act' AS act, (details ->> 'tapped')::boolean AS tapped FROM audit_events
       WHERE type = 'admin.act_begun' ORDER BY sequence`,
    )
  ).rows

const sessionOf = (role: Role): string => sessions.get(role) ?? ''

test('attack 44: there is no address under the console that is not in the lists', () => {
  const served = routesOf((app as unknown as { router: Layered }).router)
  const listed = [
    ...pages.map(({ method, path }) => `${method} ${path === '' ? '/' : path}`),
    ...CONSOLE_DOORS.map(({ method, path }) => `${method} ${path}`),
    ...api.map(({ method, path }) => `${method} ${path}`),
    'get /openapi.json',
    'get /',
  ]
  expect([...served].sort()).toEqual([...listed].sort())
  expect(pages.length).toBeGreaterThan(5)
})

describe('pages', () => {
  test('attack 44: nobody: every page asks to sign in, every form is refused', async () => {
    for (const page of pages) {
      expect([page.method, page.path, (await ask(page)).status]).toEqual([page.method, page.path, 401])
      expect((await ask(page, { session: randomBytes(32).toString('base64url') })).status).toBe(401)
    }
  })

  test.each(ROLES)('attack 44: %s: gets what the table says, and nothing else', async (role) => {
    const session = sessionOf(role)
    for (const page of pages) {
      const { status, code } = await ask(page, { session, csrf: formTokenOf(session) })
      const what = `${role} ${page.method} ${page.path}: ${status} ${code ?? ''}`
      if (mayRole(role, page.act)) expect(what).not.toMatch(/: (?:401|403|500)/)
      else expect(what).toBe(`${role} ${page.method} ${page.path}: 403 ADMIN_FORBIDDEN`)
    }
  })

  test('attack 44: a stolen cookie without the card: no dangerous act was begun, by anybody', async () => {
    const dangerous = pages.filter(({ stepUp }) => stepUp)
    expect(dangerous.length).toBeGreaterThan(2)
    expect((await begun()).filter(({ act }) => permissionOf(act as never).stepUp)).toEqual([])
    for (const door of CONSOLE_DOORS.filter(({ needs }) => needs === 'tap')) {
      for (const role of ROLES) {
        const session = sessionOf(role)
        expect(await ask(door, { session, csrf: formTokenOf(session) })).toMatchObject({ code: 'ADMIN_ACT_EXPIRED' })
      }
    }
  })

  const FORGED: readonly [string, (session: string) => Sent][] = [
    ['without the token', () => ({})],
    ['with the token of another session', () => ({ csrf: formTokenOf(randomBytes(32).toString('base64url')) })],
    ['from another origin', (session) => ({ csrf: formTokenOf(session), from: 'https://evil.example' })],
    ['from a page without an origin', (session) => ({ csrf: formTokenOf(session), from: 'null' })],
    ['from the provider', (session) => ({ csrf: formTokenOf(session), from: system.issuer })],
    ['from a sibling', (session) => ({ csrf: formTokenOf(session), fetchSite: 'same-site' })],
  ]
  test.each(FORGED)('attack 44: CSRF: a form %s', async (_name, forge) => {
    const session = sessionOf('owner')
    const forms = [...pages, ...CONSOLE_DOORS.filter(({ needs }) => needs !== 'nobody')].filter(
      ({ method }) => method === 'post',
    )
    for (const form of forms) {
      const { status, code } = await ask(form, { session, ...forge(session) })
      expect([form.path, status, code]).toEqual([form.path, 403, 'ADMIN_FORM_FORGED'])
    }
  })

  test('attack 44: CSRF: doors that need no session take forms of their own pages only', async () => {
    for (const door of CONSOLE_DOORS.filter(({ method, needs }) => method === 'post' && needs === 'nobody')) {
      expect(await ask(door, { from: 'https://evil.example' })).toMatchObject({
        status: 403,
        code: 'ADMIN_FORM_FORGED',
      })
    }
  })

  const ENDED: readonly [string, string][] = [
    ['the account is suspended', `UPDATE accounts SET status = 'suspended' WHERE id = $1`],
    ['the card is unlinked', `UPDATE credentials SET status = 'unlinked' WHERE account_id = $1`],
    ['the card is revoked', `UPDATE credentials SET status = 'revoked' WHERE account_id = $1`],
    ['everybody was signed out', 'UPDATE accounts SET sign_outs = sign_outs + 1 WHERE id = $1'],
    ['the role was taken away', 'DELETE FROM admins WHERE account_id = $1'],
    ['it was idle', `UPDATE admin_sessions SET last_seen_at = now() - interval '16 minutes' WHERE account_id = $1`],
    ['its time is over', `UPDATE admin_sessions SET expires_at = now() - interval '1 second' WHERE account_id = $1`],
  ]
  test.each(ENDED)('attack 44: a session ends with the next request when %s', async (_why, end) => {
    const session = await plantSession('viewer')
    const { rows } = await system.database.query<{ account_id: string }>(
      'SELECT account_id FROM admin_sessions WHERE id_digest = $1',
      [createHash('sha256').update(session).digest()],
    )
    const page = { method: 'get', path: '/administrators' }
    expect((await ask(page, { session })).status).toBe(200)
    await system.database.query(end, [rows[0]?.account_id])
    expect((await ask(page, { session })).status).toBe(401)
  })
})

describe('the API', () => {
  const SECRET = randomBytes(32).toString('base64url')
  const resource = (): string => `${origin}/admin/api/v1`
  const scopes = ACTS.map(scopeOf)

  const call = async (route: Pick<ApiRoute, 'method' | 'path'>, authorization: string | undefined, extra = {}) => {
    const hasBody = route.method !== 'get' && route.method !== 'delete'
    const answer = await fetch(`${resource()}${route.path.replaceAll(/:\w+/g, ID)}`, {
      method: route.method.toUpperCase(),
      headers: {
        ...(authorization === undefined ? {} : { authorization }),
        ...(hasBody ? { 'content-type': 'application/json' } : {}),
        ...extra,
      },
      ...(hasBody ? { body: '{}' } : {}),
    })
    const text = await answer.text()
    const problem = (answer.headers.get('content-type') ?? '').startsWith('application/problem+json')
      ? (JSON.parse(text) as { code: string })
      : undefined
    return { status: answer.status, code: problem?.code, challenge: answer.headers.get('www-authenticate') }
  }

  const tokenFor = async (clientId: string, scope: string, forResource = resource()): Promise<string> => {
    const answer = await fetch(`${system.issuer}/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from(`${clientId}:${SECRET}`).toString('base64')}` },
      body: new URLSearchParams({ grant_type: 'client_credentials', scope, resource: forResource }),
    })
    return ((await answer.json()) as { access_token?: string }).access_token ?? ''
  }

  const register = async (clientId: string, isAdded: boolean) => {
    await system.demo.provider.clients.upsert({
      clientId,
      clientSecret: SECRET,
      displayName: { ja: clientId, en: clientId },
      firstParty: true,
      grantTypes: ['client_credentials'],
      resources: [
        { resource: resource(), scopes },
        { resource: `${system.issuer}/api/v1`, scopes: ['link'] },
      ],
    })
    if (isAdded) {
      await system.database.query(
        `INSERT INTO admin_api_clients (client_id, scopes, added_by, added_at) VALUES ($1, $2, 'operator', now())`,
        [clientId, scopes],
      )
    }
  }
  beforeAll(async () => {
    await register('service', true)
    await register('only-registered', false)
  })

  test('attack 44: no token, a cookie, and tokens that are none', async () => {
    for (const route of api) {
      expect(await call(route, undefined)).toMatchObject({ status: 401, code: 'CLIENT_TOKEN_MISSING' })
      const cookie = { cookie: `sekisho_admin=${sessionOf('owner')}` }
      expect(await call(route, undefined, cookie)).toMatchObject({ status: 401, code: 'CLIENT_TOKEN_MISSING' })
      for (const wrong of ['Bearer skcc_unknown', 'Bearer x y', 'Basic abc', 'DPoP skcc_unknown']) {
        const { status, code, challenge } = await call(route, wrong)
        expect([route.path, wrong, status, code]).toEqual([route.path, wrong, 401, 'CLIENT_TOKEN_INVALID'])
        expect(challenge).toContain('invalid_token')
      }
    }
  })

  test('attack 44: a token of another API, one that is over, and one of a client that no owner added', async () => {
    const elsewhere = await tokenFor('service', 'link', `${system.issuer}/api/v1`)
    const over = await tokenFor('service', scopes.join(' '))
    const stranger = await tokenFor('only-registered', scopes.join(' '))
    expect(elsewhere).not.toBe('')
    expect(stranger).not.toBe('')
    await system.database.query(
      `UPDATE oidc_artifacts SET expires_at = now() - interval '1 minute', payload = payload || jsonb_build_object('exp', 1)
       WHERE model = 'ClientCredentials' AND id_digest = $1`,
      [createHash('sha256').update(over).digest()],
    )
    for (const route of api) {
      expect(await call(route, `Bearer ${elsewhere}`)).toMatchObject({ status: 401, code: 'CLIENT_TOKEN_INVALID' })
      expect(await call(route, `Bearer ${over}`)).toMatchObject({ status: 401, code: 'CLIENT_TOKEN_INVALID' })
      expect(await call(route, `Bearer ${stranger}`)).toMatchObject({ status: 403, code: 'CLIENT_SCOPE_MISSING' })
    }
  })

  test('attack 44: every scope but the one; a program does only what programs may, and never approves', async () => {
    const all = await tokenFor('service', scopes.join(' '))
    const before = (await begun()).length
    for (const route of api) {
      const others = await tokenFor('service', scopes.filter((scope) => scope !== route.scope).join(' '))
      const narrow = await call(route, `Bearer ${others}`)
      expect([route.path, narrow.status, narrow.code]).toEqual([route.path, 403, 'CLIENT_SCOPE_MISSING'])
      expect(narrow.challenge).toContain(`scope="${route.scope}"`)

      const { status, code } = await call(route, `Bearer ${all}`)
      const what = `${route.method} ${route.path}: ${status} ${code ?? ''}`
      if (permissionOf(route.act).services) expect(what).not.toMatch(/: (?:401|403|500)/)
      else expect(what).toBe(`${route.method} ${route.path}: 403 ADMIN_FORBIDDEN`)
    }
    const acts = (await begun()).slice(before).map(({ act }) => act)
    expect(acts.filter((act) => !permissionOf(act as never).services)).toEqual([])
  })

  test('attack 44: a person by a program: their role decides, and for a dangerous act the tap is fresh', async () => {
    const user = createConsoleUser(system, 'taro')
    await user.accept(await inviteAgain())
    const { rows } = await system.database.query<{ account_id: string; credential_id: string }>(
      `SELECT account_id, credential_id FROM audit_events WHERE type = 'admin.signed_in' ORDER BY sequence DESC LIMIT 1`,
    )
    const { account_id: accountId } = rows[0] ?? {}
    expect(accountId).toBeDefined()
    const access = system.demo.provider.admin?.apiAccess
    if (access === undefined) throw new Error('no API')
    for (const role of ROLES) {
      await system.database.query('UPDATE admins SET role = $2 WHERE account_id = $1', [accountId, role])
      for (const route of api) {
        const old = { accountId: accountId ?? '', credentialId: rows[0]?.credential_id ?? '', acr: 'phrh', authTime: 1 }
        const token = { clientId: 'service', audience: resource(), scopes: [route.scope], keyThumbprint: undefined }
        const decided = await access.decide({ ...token, person: old }, route).then(
          () => 'let through',
          (fault: unknown) => (fault as { readonly code: string }).code,
        )
        const expected = !mayRole(role, route.act)
          ? 'ADMIN_FORBIDDEN'
          : route.stepUp
            ? 'ADMIN_TAP_TOO_OLD'
            : 'let through'
        expect([role, route.path, decided]).toEqual([role, route.path, expected])
        const now = { ...old, authTime: Math.floor(Date.now() / 1000) }
        const fresh = await access.decide({ ...token, person: now }, route).then(
          ({ kind }) => kind,
          (fault: unknown) => (fault as { readonly code: string }).code,
        )
        expect([role, route.path, fresh]).toEqual([
          role,
          route.path,
          mayRole(role, route.act) ? 'administrator' : 'ADMIN_FORBIDDEN',
        ])
      }
    }
  })
})

/** There are owners: the first invitation of the demonstration is good no more. */
async function inviteAgain(): Promise<string> {
  const made = await system.demo.provider.admin?.administrators.invite('owner', 'operator', { ownersLost: true })
  return `${origin}/admin/invitation?token=${made?.token ?? ''}`
}

interface Layered {
  readonly stack: readonly {
    readonly route?: { readonly path: string; readonly methods: Readonly<Record<string, boolean>> }
    readonly handle: { readonly stack?: Layered['stack'] }
  }[]
}

/** All that express serves, routers within routers. */
function routesOf({ stack }: Layered): string[] {
  return stack.flatMap(({ route, handle }) => [
    ...(route === undefined ? [] : Object.keys(route.methods).map((method) => `${method} ${route.path}`)),
    ...(handle.stack === undefined ? [] : routesOf({ stack: handle.stack })),
  ])
}
