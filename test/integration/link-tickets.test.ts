import { randomBytes } from 'node:crypto'
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK } from 'jose'
import * as oidc from 'openid-client'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { formsOf } from '../../src/main/demo/html-form.ts'
import type { Page } from '../../src/main/demo/scripted-browser.ts'
import { startConformanceSystem, type ConformanceSystem } from '../support/conformance-system.ts'
import { keepSecret } from '../support/keep-logs.ts'
import { openidSite, type OpenidSite } from '../support/openid-site.ts'
import type { PersonWithCard } from '../support/person-with-card.ts'
import { basic, post } from '../support/raw-openid.ts'
import { runSekisho, sekishoJson } from '../support/run-sekisho.ts'

const RETURN = 'http://localhost:1/linked'
const grantTypes = ['authorization_code' as const, 'refresh_token' as const, 'client_credentials' as const]
const links = () => ({ resources: [{ resource: api, scopes: ['link'] }], linkReturnUris: [RETURN] })
let system: ConformanceSystem
let shop: OpenidSite
let sister: OpenidSite
let api = ''
let token = ''
let members = 0

beforeAll(async () => {
  system = await startConformanceSystem({ CLIENT_TICKETS_PER_MINUTE: '10000' })
  api = `${system.issuer}/api/v1`
  // one sector: both know a person by the same sub
  await system.register({ clientId: 'shop', grantTypes, ...links() })
  await system.register({ clientId: 'sister', grantTypes, ...links() })
  await system.register({ clientId: 'bound', grantTypes, requireDpop: true, ...links() })
  const other = 'https://api.example/'
  await system.register({ clientId: 'api', resourceServer: { resource: other, scopes: ['read'] } })
  await system.register({
    clientId: 'elsewhere',
    grantTypes,
    resources: [{ resource: other, scopes: ['read'] }],
  })
  shop = await openidSite(system, 'shop')
  sister = await openidSite(system, 'sister')
  token = await tokenOf(shop)
})
afterAll(() => system.close())
beforeEach(() => system.database.query('DELETE FROM external_accounts'))

/** By a client that we did not write. */
async function tokenOf(site: OpenidSite, parameters: Record<string, string> = {}): Promise<string> {
  const { access_token: accessToken } = await oidc.clientCredentialsGrant(site.configuration, {
    scope: 'link',
    resource: api,
    ...parameters,
  })
  keepSecret('access token', accessToken)
  return accessToken
}

interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  readonly body: Record<string, unknown>
}

async function ask(
  method: string,
  path: string,
  {
    body,
    headers = {},
    as = token,
  }: { body?: unknown; headers?: Record<string, string>; as?: string | undefined } = {},
): Promise<Answer> {
  const response = await fetch(`${api}${path}`, {
    method,
    headers: {
      ...(as === '' ? {} : { authorization: `Bearer ${as}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const text = await response.text()
  const isJson = response.headers.get('content-type')?.includes('json') === true
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: isJson ? (JSON.parse(text) as Record<string, unknown>) : {},
  }
}

interface Made {
  readonly id: string
  readonly url: string
}
async function make(externalId = `member-${++members}`, more: object = {}, as = token): Promise<Made> {
  const { status, text, body } = await ask('POST', '/link-tickets', { body: { external_id: externalId, ...more }, as })
  if (status !== 201) throw new Error(text)
  keepSecret('link', String(body['url']).split('/').at(-1))
  return body as unknown as Made
}
const stateOf = async ({ id }: Made): Promise<unknown> => (await ask('GET', `/link-tickets/${id}`)).body['state']
const codeOn = ({ html }: Page): string | undefined => /data-error-code="(\w+)"/.exec(html)?.[1]
const submit = (
  person: PersonWithCard,
  page: Page,
  id: string,
  changes: Record<string, string> = {},
): Promise<Page> => {
  const form = formsOf(page.html).find((one) => one.id === id)
  if (form === undefined) throw new Error(`no form ${id} on ${page.url.pathname}: ${codeOn(page) ?? page.status}`)
  return person.browser.submit(page, form.action, { ...form.values, ...changes })
}
/** As far as the page that asks with both sides before it. */
async function tapFor(person: PersonWithCard, { url }: { url: string }): Promise<Page> {
  const interaction = await submit(person, await person.browser.open(url), 'start')
  return person.open(interaction.url)
}
async function link(person: PersonWithCard, ticket: Made): Promise<Page> {
  return submit(person, await tapFor(person, ticket), 'confirm', { understood: 'yes' })
}
const auditOf = async (): Promise<readonly string[]> => {
  const { rows } = await system.database.query<{ type: string }>(
    `SELECT type FROM audit_events WHERE type ~ 'link_ticket|external_account' ORDER BY sequence`,
  )
  return rows.map(({ type }) => type)
}

describe('a program without the right token', () => {
  const expectProblem = ({ status, headers, body }: Answer, code: string, as: number): void => {
    expect(status).toBe(as)
    expect(headers.get('content-type')).toMatch(/^application\/problem\+json/)
    expect(body).toMatchObject({ code, status: as, type: `urn:sekisho:error:${code}` })
  }
  const everything = [
    ['POST', '/link-tickets'],
    ['GET', '/link-tickets/7f000001-0000-4000-8000-000000000000'],
    ['DELETE', '/link-tickets/7f000001-0000-4000-8000-000000000000'],
    ['GET', '/external-accounts'],
    ['DELETE', '/external-accounts/a'],
  ] as const

  test.each(everything)('%s %s: without one', async (method, path) => {
    const answer = await ask(method, path, { as: '' })
    expectProblem(answer, 'CLIENT_TOKEN_MISSING', 401)
    expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer realm="sekisho", DPoP /)
  })

  test.each(everything)(
    '%s %s: with a made-up one, one of a person, one for another API, one of no scope',
    async (method, path) => {
      const { access_token: ofPerson } = await shop.signIn(system.person())
      const elsewhere = await openidSite(system, 'elsewhere')
      const other = await oidc.clientCredentialsGrant(elsewhere.configuration, { scope: 'read' })
      for (const as of ['skcc_x', ofPerson, other.access_token, "x' OR 1=1"]) {
        const answer = await ask(method, path, { as })
        expectProblem(answer, 'CLIENT_TOKEN_INVALID', 401)
        expect(answer.headers.get('www-authenticate')).toContain('error="invalid_token"')
      }
      const unscoped = await oidc.clientCredentialsGrant(shop.configuration, { resource: api })
      const answer = await ask(method, path, { as: unscoped.access_token })
      expectProblem(answer, 'CLIENT_SCOPE_MISSING', 403)
      expect(answer.headers.get('www-authenticate')).toContain('error="insufficient_scope", scope="link"')
    },
  )

  test('a client that may not link gets no token for it; nobody gets one of a person', async () => {
    const elsewhere = basic('elsewhere')
    const asked = { grant_type: 'client_credentials', resource: api, scope: 'link' }
    expect((await post(`${system.issuer}/token`, asked, elsewhere)).body['error']).toBe('invalid_target')
    const query = new URLSearchParams({
      client_id: 'shop',
      response_type: 'code',
      scope: 'openid link',
      resource: api,
      redirect_uri: 'http://localhost:1/cb',
      code_challenge: 'a'.repeat(43),
      code_challenge_method: 'S256',
    })
    const back = await system.person().browser.open(`${system.issuer}/auth?${query.toString()}`)
    expect(back.url.searchParams.get('error')).toBe('invalid_target')
  })

  test('a client that was disabled, or lost the right, since it got its token', async () => {
    const mine = await tokenOf(sister)
    await system.register({
      clientId: 'sister',
      grantTypes,
      resources: [{ resource: 'https://api.example/', scopes: ['read'] }],
    })
    await expect
      .poll(async () => (await ask('GET', '/external-accounts', { as: mine })).body['code'], { timeout: 10_000 })
      .toBe('CLIENT_SCOPE_MISSING')
    await runSekisho(system.environment, ['client', 'disable', 'sister'])
    await expect
      .poll(async () => (await ask('GET', '/external-accounts', { as: mine })).body['code'], { timeout: 10_000 })
      .toBe('CLIENT_TOKEN_INVALID')
    await runSekisho(system.environment, ['client', 'enable', 'sister'])
    await system.register({ clientId: 'sister', grantTypes, ...links() })
    await expect
      .poll(async () => (await ask('GET', '/external-accounts', { as: mine })).status, { timeout: 10_000 })
      .toBe(200)
  })

  describe('attack 7: bound to a key', () => {
    let key: { privateKey: CryptoKey; jwk: JWK }
    let bound = ''
    beforeAll(async () => {
      const pair = await generateKeyPair('ES256', { extractable: true })
      key = { privateKey: pair.privateKey, jwk: await exportJWK(pair.publicKey) }
      const site = await openidSite(system, 'bound')
      const dpop = oidc.getDPoPHandle(site.configuration, pair)
      const tokens = await oidc.clientCredentialsGrant(
        site.configuration,
        { scope: 'link', resource: api },
        { DPoP: dpop },
      )
      bound = tokens.access_token
    })
    const proofOf = async (changes: object = {}, header: object = {}, signer = key.privateKey): Promise<string> =>
      new SignJWT({
        jti: randomBytes(8).toString('hex'),
        htm: 'GET',
        htu: `${api}/external-accounts`,
        ath: Buffer.from(await crypto.subtle.digest('SHA-256', Buffer.from(bound))).toString('base64url'),
        iat: Math.floor(Date.now() / 1000),
        ...changes,
      })
        .setProtectedHeader({ typ: 'dpop+jwt', alg: 'ES256', jwk: key.jwk, ...header })
        .sign(signer)
    const show = (headers: Record<string, string>): Promise<Answer> =>
      ask('GET', '/external-accounts', { as: '', headers })
    const withProof = (proof: string): Promise<Answer> => show({ authorization: `DPoP ${bound}`, dpop: proof })

    test('with its proof it is good, once', async () => {
      const proof = await proofOf()
      expect((await withProof(proof)).status).toBe(200)
      expectProblem(await withProof(proof), 'CLIENT_TOKEN_INVALID', 401)
      const other = await fetch(`${system.second}/api/v1/external-accounts`, {
        headers: { authorization: `DPoP ${bound}`, dpop: proof },
      })
      expect(other.status).toBe(401)
    })

    test('openid-client speaks it', async () => {
      const site = await openidSite(system, 'bound')
      const dpop = oidc.getDPoPHandle(site.configuration, await generateKeyPair('ES256'))
      const tokens = await oidc.clientCredentialsGrant(
        site.configuration,
        { scope: 'link', resource: api },
        { DPoP: dpop },
      )
      const answer = await oidc.fetchProtectedResource(
        site.configuration,
        tokens.access_token,
        new URL(`${api}/external-accounts?limit=1`),
        'GET',
        undefined,
        undefined,
        { DPoP: dpop },
      )
      expect(answer.status).toBe(200)
    })

    test('as a bearer token, without a proof, or an unbound one as bound, it is not', async () => {
      for (const headers of [{ authorization: `Bearer ${bound}` }, { authorization: `DPoP ${bound}` }])
        expectProblem(await show(headers), 'CLIENT_TOKEN_INVALID', 401)
      expectProblem(await show({ authorization: `DPoP ${token}`, dpop: await proofOf() }), 'CLIENT_TOKEN_INVALID', 401)
    })

    test.each<[string, object, object]>([
      ['another method', { htm: 'DELETE' }, {}],
      ['another address', { htu: 'https://elsewhere.example/' }, {}],
      ['another token', { ath: 'x'.repeat(43) }, {}],
      ['no token', { ath: undefined }, {}],
      ['ten minutes ago', { iat: Math.floor(Date.now() / 1000) - 600 }, {}],
      ['ten minutes ahead', { iat: Math.floor(Date.now() / 1000) + 600 }, {}],
      ['no id', { jti: undefined }, {}],
      ['another type', {}, { typ: 'JWT' }],
    ])('a proof that speaks of %s', async (_what, changes, header) => {
      expectProblem(await withProof(await proofOf(changes, header)), 'CLIENT_TOKEN_INVALID', 401)
    })

    test('a proof by another key', async () => {
      const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true })
      const proof = await proofOf({}, { jwk: await exportJWK(publicKey) }, privateKey)
      expectProblem(await withProof(proof), 'CLIENT_TOKEN_INVALID', 401)
    })
  })
})

describe('the API', () => {
  test('answers with the ticket and its address, once', async () => {
    const body = { external_id: 'm', label: '山田 太郎', return_url: RETURN, expires_in: 120 }
    const answer = await ask('POST', '/link-tickets', { body })
    expect(answer.status).toBe(201)
    const { id, url, ...rest } = answer.body
    expect(rest).toMatchObject({ external_id: 'm', label: '山田 太郎', return_url: RETURN, state: 'open' })
    expect(Date.parse(String(rest['expires_at'])) - Date.parse(String(rest['created_at']))).toBe(120_000)
    expect(answer.headers.get('location')).toBe(`/api/v1/link-tickets/${String(id)}`)
    expect(answer.headers.get('cache-control')).toBe('no-store')
    const again = await ask('GET', `/link-tickets/${String(id)}`)
    expect(again.body).toEqual({ id, ...rest })
    expect(again.text).not.toContain(String(url).split('/').at(-1))
  })

  test('draws the address as a QR code', async () => {
    const answer = await ask('POST', '/link-tickets', {
      body: { external_id: 'm' },
      headers: { accept: 'image/svg+xml' },
    })
    expect(answer.headers.get('content-type')).toMatch(/^image\/svg\+xml/)
    expect(answer.text).toMatch(/^<svg [^>]*viewBox/)
    expect(answer.headers.get('location')).toMatch(/^\/api\/v1\/link-tickets\/[0-9a-f-]{36}$/)
  })

  test('takes a request that is repeated for the same one', async () => {
    const headers = { 'idempotency-key': randomBytes(8).toString('hex') }
    const body = { external_id: 'repeated' }
    const [first, second] = [
      await ask('POST', '/link-tickets', { body, headers }),
      await ask('POST', '/link-tickets', { body, headers }),
    ]
    expect([first.status, second.status]).toEqual([201, 200])
    expect(second.body['id']).toBe(first.body['id'])
    const other = await ask('POST', '/link-tickets', { body: { external_id: 'other' }, headers })
    expect([other.status, other.body['code']]).toEqual([409, 'CLIENT_IDEMPOTENCY_MISMATCH'])
  })

  test.each<[string, number, string, { body?: unknown; headers?: Record<string, string> }]>([
    ['no body', 415, 'CLIENT_BODY_NOT_JSON', {}],
    [
      'a form',
      415,
      'CLIENT_BODY_NOT_JSON',
      { body: 'external_id=a', headers: { 'content-type': 'application/x-www-form-urlencoded' } },
    ],
    ['half a body', 415, 'CLIENT_BODY_NOT_JSON', { body: '{"external_id":' }],
    ['a text', 415, 'CLIENT_BODY_NOT_JSON', { body: '"a"' }],
    ['a list', 422, 'CLIENT_FIELDS_INVALID', { body: [] }],
    ['ten kilobytes', 413, 'CLIENT_BODY_TOO_LARGE', { body: { external_id: 'x'.repeat(10_000) } }],
    ['no user', 422, 'CLIENT_FIELDS_INVALID', { body: {} }],
    ['a field that is not known', 422, 'CLIENT_FIELDS_INVALID', { body: { external_id: 'a', sub: 'x' } }],
    [
      'another return address',
      422,
      'LINK_RETURN_URL_UNREGISTERED',
      { body: { external_id: 'a', return_url: `${RETURN}?x` } },
    ],
    [
      'a key with a space',
      422,
      'CLIENT_FIELDS_INVALID',
      { body: { external_id: 'a' }, headers: { 'idempotency-key': 'a b' } },
    ],
  ])('refuses %s with %i %s', async (_what, status, code, request) => {
    const answer = await ask('POST', '/link-tickets', request)
    expect([answer.status, answer.body['code']]).toEqual([status, code])
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/)
  })

  test('names the fields that are wrong, and repeats nothing of what was sent', async () => {
    const { body, text } = await ask('POST', '/link-tickets', { body: { external_id: 7, label: 'a\nb', '<evil>': 1 } })
    expect((body['errors'] as { field: string }[]).map(({ field }) => field)).toEqual(['external_id', 'label', 'body'])
    expect(text).not.toContain('evil')
  })

  test.each([
    ['PUT', '/link-tickets', 405],
    ['PATCH', '/external-accounts/a', 405],
    ['GET', '/nothing', 404],
    ['GET', '/external-accounts?limit=0', 422],
    ['GET', '/external-accounts?limit=101', 422],
    ['GET', '/external-accounts?cursor=x', 422],
    ['DELETE', '/external-accounts/nobody', 404],
    ['GET', '/link-tickets/x', 404],
    ['GET', '/link-tickets/%', 404],
    ['DELETE', '/external-accounts/%ff', 404],
    ['DELETE', '/external-accounts/%00', 400],
  ])('%s %s is %i', async (method, path, status) => {
    const answer = await ask(method, path)
    expect(answer.status).toBe(status)
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/)
  })

  test('a ticket of another client is none', async () => {
    const mine = await make()
    const theirs = await tokenOf(sister)
    for (const method of ['GET', 'DELETE'])
      expect((await ask(method, `/link-tickets/${mine.id}`, { as: theirs })).body['code']).toBe('LINK_TICKET_NOT_FOUND')
    expect(await stateOf(mine)).toBe('open')
    expect((await ask('DELETE', `/link-tickets/${mine.id}`)).status).toBe(204)
    expect(await stateOf(mine)).toBe('cancelled')
    expect((await ask('DELETE', `/link-tickets/${mine.id}`)).body['code']).toBe('LINK_TICKET_CANCELLED')
  })
})

describe('a person', () => {
  test('opens the address, taps the card, reads both sides, agrees; the site’s tokens say who it is, and no other’s', async () => {
    const person = system.person('taro')
    const before = await shop.signIn(person)
    expect(before.claims()).not.toHaveProperty('external_id')
    const taps = person.taps
    const ticket = await make('member <1>', { label: '<b>太郎</b> & co', return_url: RETURN })

    const asked = await person.browser.open(ticket.url)
    expect(asked.url.pathname).toBe(`/link/tickets/${ticket.id}`)
    expect(asked.html).toContain('&lt;b&gt;太郎&lt;/b&gt; &amp; co')
    expect(asked.html).toContain('member &lt;1&gt;')
    const confirm = await tapFor(person, ticket)
    // though this browser was signed in a moment ago
    expect(person.taps).toBe(taps + 1)
    expect(confirm.url.pathname).toBe(`/link/tickets/${ticket.id}/confirm`)
    for (const said of ['shop', 'http://localhost:1', 'member &lt;1&gt;', 'My Number Card'])
      expect(confirm.html).toContain(said)
    expect(await stateOf(ticket)).toBe('open')

    const back = await submit(person, confirm, 'confirm', { understood: 'yes' })
    expect(back.url.href).toBe(`${RETURN}?link_ticket=${ticket.id}&link_result=linked`)
    expect(await stateOf(ticket)).toBe('linked')
    const { body } = await ask('GET', '/external-accounts')
    expect(body['external_accounts']).toMatchObject([{ external_id: 'member <1>' }])

    const tokens = await shop.signIn(person, { parameters: { scope: 'openid offline_access', prompt: 'consent' } })
    expect(tokens.claims()).toMatchObject({ external_id: 'member <1>', sub: before.claims()?.sub })
    const info = await oidc.fetchUserInfo(shop.configuration, tokens.access_token, tokens.claims()?.sub ?? '')
    expect(info).toMatchObject({ external_id: 'member <1>' })
    const renewed = await oidc.refreshTokenGrant(shop.configuration, tokens.refresh_token ?? '')
    expect(renewed.claims()).toMatchObject({ external_id: 'member <1>' })

    // the same sector and sub, and still nobody's business
    const elsewhere = await sister.signIn(person)
    expect(elsewhere.claims()?.sub).toBe(before.claims()?.sub)
    expect(elsewhere.claims()).not.toHaveProperty('external_id')
    expect((await shop.signIn(system.person('hanako'))).claims()).not.toHaveProperty('external_id')

    expect((await ask('DELETE', `/external-accounts/${encodeURIComponent('member <1>')}`)).status).toBe(204)
    const after = await oidc.refreshTokenGrant(shop.configuration, renewed.refresh_token ?? '')
    expect(after.claims()).not.toHaveProperty('external_id')
    expect((await auditOf()).slice(-3)).toEqual([
      'link_ticket.made',
      'external_account.linked',
      'external_account.removed',
    ])
  })

  test('finds it on their own page, and ends it there', async () => {
    const person = system.person('hanako')
    await link(person, await make('on page'))
    const page = await person.open(`${system.issuer}/account`)
    expect(page.html).toContain('on page')
    const form = formsOf(page.html).find(({ action }) => action.startsWith('/account/unlink'))
    const after = await person.browser.submit(page, form?.action ?? '', form?.values ?? {})
    expect(after.html).toContain('The link has been ended.')
    expect(after.html).not.toContain('on page')
    const { body } = await ask('GET', '/external-accounts')
    expect(body['external_accounts']).toEqual([])
    expect((await auditOf()).at(-1)).toBe('external_account.removed')
  })

  test('attack 45: who stops, before the card or after it, links nothing, for good', async () => {
    for (const step of ['asked', 'confirm'] as const) {
      const [person, ticket] = [system.person(), await make(undefined, { return_url: RETURN })]
      const page = step === 'asked' ? await person.browser.open(ticket.url) : await tapFor(person, ticket)
      const stopped = await submit(person, page, 'stop')
      // nobody is sent to whoever may have sent the link
      expect(stopped.url.origin).toBe(system.issuer)
      expect(stopped.html).toContain('link_result=stopped')
      expect(await stateOf(ticket)).toBe('stopped')
      expect(codeOn(await person.browser.open(ticket.url))).toBe('LINK_TICKET_CANCELLED')
    }
    expect((await ask('GET', '/external-accounts')).body['external_accounts']).toEqual([])
  })

  test('who did not tick the box is asked again', async () => {
    const [person, ticket] = [system.person(), await make()]
    const again = await submit(person, await tapFor(person, ticket), 'confirm')
    expect(again.html).toContain('id="understood-error"')
    expect(await stateOf(ticket)).toBe('open')
  })

  test('attack 45: a preview, however often, uses nothing up; the secret is in no later address, and no Referer', async () => {
    const ticket = await make()
    for (let times = 0; times < 3; times++) {
      const answer = await fetch(ticket.url, { redirect: 'manual' })
      expect(answer.status).toBe(303)
      expect(answer.headers.get('referrer-policy')).toBe('no-referrer')
      expect(answer.headers.get('cache-control')).toBe('no-store')
      const secret = ticket.url.split('/').at(-1) ?? 'none'
      expect(answer.headers.get('location')).not.toContain(secret)
      const [cookie = ''] = answer.headers.getSetCookie()
      expect(cookie).toContain(`Path=/link/tickets/${ticket.id};`)
      expect(cookie).toMatch(/HttpOnly; SameSite=Lax/)
    }
    expect((await fetch(ticket.url, { method: 'HEAD', redirect: 'manual' })).status).toBe(405)
    const person = system.person()
    expect((await link(person, ticket)).html).toContain('They are linked')
  })

  test('attack 45: in a browser that did not open the address there is nothing, nor with the cookie of another ticket', async () => {
    const [mine, other] = [await make(), await make()]
    const stranger = system.person()
    expect(codeOn(await stranger.browser.open(`${system.issuer}/link/tickets/${mine.id}`))).toBe(
      'LINK_TICKET_OTHER_BROWSER',
    )
    const planted = await fetch(`${system.issuer}/link/tickets/${mine.id}/stop`, {
      method: 'POST',
      headers: { origin: system.issuer, cookie: `sekisho_link=${other.url.split('/').at(-1) ?? ''}` },
    })
    expect(planted.status).toBe(403)
    expect([await stateOf(mine), await stateOf(other)]).toEqual(['open', 'open'])
  })

  test('attack 45: forms of other sites do nothing', async () => {
    const ticket = await make()
    const person = system.person()
    const confirm = await tapFor(person, ticket)
    for (const [id, values] of [
      ['confirm', { understood: 'yes' }],
      ['stop', {}],
    ] as const) {
      const form = formsOf(confirm.html).find((one) => one.id === id)
      const from = { ...confirm, url: new URL('https://attacker.example/') }
      const answer = await person.browser.submit(from, `${system.issuer}${form?.action ?? ''}`, {
        ...form?.values,
        ...values,
      })
      expect(codeOn(answer)).toBe('SIGNIN_FORM_FORGED')
    }
    expect(await stateOf(ticket)).toBe('open')
  })

  test('attack 45: a tap from before the question was read does not answer it', async () => {
    const [person, ticket] = [system.person(), await make()]
    await person.open(`${system.issuer}/account`)
    const asked = await person.browser.open(ticket.url)
    const skipped = await person.browser.follow(asked, `/link/tickets/${ticket.id}/confirm`)
    expect(skipped.url.pathname).toBe(`/link/tickets/${ticket.id}`)
    // a mark that nobody signed
    const secret = ticket.url.split('/').at(-1) ?? ''
    const forged = await fetch(`${system.issuer}/link/tickets/${ticket.id}/confirm`, {
      redirect: 'manual',
      headers: { cookie: `sekisho_link=${secret}.1.${'x'.repeat(43)}` },
    })
    expect(forged.headers.get('location')).toMatch(new RegExp(`/link/tickets/${ticket.id}\\?`))
  })

  test('attack 45: a card that was tapped in another window since is not linked by the page of the first', async () => {
    const [person, ticket] = [system.person('taro'), await make()]
    const confirm = await tapFor(person, ticket)
    person.useCard('hanako')
    const interaction = await submit(
      person,
      await person.browser.open(`${system.issuer}/link/tickets/${ticket.id}`),
      'start',
    )
    await person.open(interaction.url)
    const answer = await submit(person, confirm, 'confirm', { understood: 'yes' })
    expect(answer.url.pathname).toBe(`/link/tickets/${ticket.id}`)
    expect(await stateOf(ticket)).toBe('open')
  })

  test('of two browsers with two cards, at once, one is linked', async () => {
    const ticket = await make('wanted twice')
    const people = [system.person('taro'), system.person('hanako')] as const
    const pages = [await tapFor(people[0], ticket), await tapFor(people[1], ticket)] as const
    const answers = await Promise.all(
      people.map((person, n) => submit(person, pages[n] ?? pages[0], 'confirm', { understood: 'yes' })),
    )
    expect(answers.map((page) => codeOn(page) ?? 'linked').toSorted()).toEqual(['LINK_TICKET_USED', 'linked'])
    expect((await ask('GET', '/external-accounts')).body['external_accounts']).toHaveLength(1)
  })

  test('the card is another user of the site already: page, state and way back say so', async () => {
    const person = system.person('taro')
    await link(person, await make('first'))
    const ticket = await make('second', { return_url: RETURN })
    const page = await link(person, ticket)
    expect([page.status, codeOn(page)]).toEqual([409, 'LINK_CARD_TAKEN'])
    expect(page.html).toContain('link_result=refused&amp;link_error=LINK_CARD_TAKEN')
    expect((await ask('GET', `/link-tickets/${ticket.id}`)).body).toMatchObject({
      state: 'refused',
      code: 'LINK_CARD_TAKEN',
    })
    expect((await shop.signIn(person)).claims()).toMatchObject({ external_id: 'first' })
  })

  test('the user has another card already; the same card again is no fault', async () => {
    await link(system.person('taro'), await make('only one'))
    const page = await link(system.person('hanako'), await make('only one'))
    expect([page.status, codeOn(page)]).toEqual([409, 'LINK_USER_TAKEN'])
    expect((await link(system.person('taro'), await make('only one'))).html).toContain('They are linked')
  })

  test.each([
    ['expired', 'LINK_TICKET_EXPIRED', `UPDATE link_tickets SET expires_at = created_at WHERE id = $1`],
    ['used', 'LINK_TICKET_USED', `UPDATE link_tickets SET state = 'linked', ended_at = created_at WHERE id = $1`],
    ['of a database that was restored', 'LINK_TICKET_NOT_FOUND', 'DELETE FROM link_tickets WHERE id = $1'],
  ])('a ticket that is %s says so on every page', async (_what, code, statement) => {
    const [person, ticket] = [system.person(), await make()]
    const confirm = await tapFor(person, ticket)
    await system.database.query(statement, [ticket.id])
    expect(codeOn(await person.browser.open(ticket.url))).toBe(code)
    expect(codeOn(await submit(person, confirm, 'confirm', { understood: 'yes' }))).toBe(code)
    expect(codeOn(await submit(person, confirm, 'stop'))).toBe(code)
    expect((await ask('GET', '/external-accounts')).body['external_accounts']).toEqual([])
  })

  test.each([
    '/link/x',
    `/link/${'x'.repeat(43)}`,
    '/link/signed-in',
    '/link/signed-in?state=../../x',
    '/link/tickets/x',
  ])('%s is a page with a code, and leads nowhere', async (path) => {
    const page = await system.person().browser.open(`${system.issuer}${path}`)
    expect(page.status).toBeGreaterThanOrEqual(400)
    expect(codeOn(page)).toMatch(/^LINK_TICKET_/)
  })
})

describe('sekisho link', () => {
  test('makes a ticket, lists and removes links', async () => {
    const made = await sekishoJson<Made>(
      system.environment,
      'link',
      'ticket',
      'shop',
      'by hand',
      '--label',
      'Hand',
      '--for',
      '30m',
    )
    await link(system.person('taro'), made)
    const found = await sekishoJson<{ links: { externalId: string }[] }>(system.environment, 'link', 'list', 'shop')
    expect(found.links).toMatchObject([{ externalId: 'by hand' }])
    const listed = await runSekisho(system.environment, ['link', 'list', 'shop'])
    expect(listed.stdout).toContain('by hand')
    expect((await runSekisho(system.environment, ['link', 'remove', 'shop', 'by hand'])).status).toBe(0)
    const gone = await runSekisho(system.environment, ['link', 'remove', 'shop', 'by hand'])
    expect([gone.status, gone.stderr]).toEqual([65, expect.stringContaining('LINK_EXTERNAL_ACCOUNT_NOT_FOUND')])
    const { rows } = await system.database.query(
      `SELECT actor FROM audit_events WHERE type = 'external_account.removed' ORDER BY sequence DESC LIMIT 1`,
    )
    expect(rows).toEqual([{ actor: 'operator' }])
  })

  test.each([
    [['ticket', 'shop', 'a', '--return-url', 'https://attacker.example/'], 'LINK_RETURN_URL_UNREGISTERED'],
    [['list', 'nobody'], 'CLIENT_NOT_FOUND'],
  ])('%j is refused with %s', async (args, code) => {
    const { status, stderr } = await runSekisho(system.environment, ['link', ...args])
    expect([status, stderr]).toEqual([65, expect.stringContaining(code)])
  })
})

test('a link stays when the card is renewed', async () => {
  const person = system.person('taro')
  await link(person, await make('kept'))
  const before = await shop.signIn(person)
  person.useCard('taro-renewed')
  const after = await shop.signIn(person, { parameters: { prompt: 'login' } })
  expect(after.claims()).toMatchObject({ external_id: 'kept', sub: before.claims()?.sub })
})
