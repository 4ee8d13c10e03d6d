import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { decodeJwt } from 'jose'
import * as oidc from 'openid-client'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { formsOf } from '../../src/main/demo/html-form.ts'
import { startConformanceSystem, type ConformanceSystem } from '../support/conformance-system.ts'
import { openidSite, type OpenidSite, type SignedIn } from '../support/openid-site.ts'
import type { PersonWithCard } from '../support/person-with-card.ts'
import { authorizationUrl } from '../support/raw-openid.ts'
import { runSekisho, sekishoJson } from '../support/run-sekisho.ts'

let system: ConformanceSystem
let shop: OpenidSite
let bank: OpenidSite
let server: Server
/** Log-out tokens that the sites were sent, by their path. */
const told: { readonly path: string; readonly token: Readonly<Record<string, unknown>> }[] = []

beforeAll(async () => {
  server = createServer((req, res) => {
    void text(req).then((body) => {
      told.push({ path: req.url ?? '', token: decodeJwt(new URLSearchParams(body).get('logout_token') ?? '') })
      res.writeHead(200).end()
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  system = await startConformanceSystem({ CLIENT_INTRANET_HOSTS: '127.0.0.1' })
  for (const clientId of ['shop', 'bank']) {
    await system.register({
      clientId,
      redirectUris: [`http://localhost:1/${clientId}`],
      subjectType: clientId === 'shop' ? 'public' : 'pairwise',
      backchannelLogoutUri: `${base}/${clientId}`,
      grantTypes: ['authorization_code', 'refresh_token'],
    })
  }
  shop = await openidSite(system, 'shop')
  bank = await openidSite(system, 'bank')
})
afterAll(async () => {
  server.closeAllConnections()
  server.close()
  await system.close()
})
beforeEach(() => {
  told.length = 0
})

const at = (clientId: string) => ({ parameters: { redirect_uri: `http://localhost:1/${clientId}` } })
const subOf = (tokens: SignedIn): string => tokens.claims()?.sub ?? ''
/** A request whose answer says who is signed in, without asking anybody. */
const isSignedIn = async (person: PersonWithCard): Promise<boolean> =>
  (
    await person.authorize(
      authorizationUrl(system.issuer, { client_id: 'shop', redirect_uri: 'http://localhost:1/shop', prompt: 'none' }),
    )
  ).searchParams.has('code')
const isToldOf = (path: string, tokens: SignedIn): Promise<void> =>
  expect
    .poll(() => told.find((one) => one.path === path && one.token['sub'] === subOf(tokens)), { timeout: 10_000 })
    .toMatchObject({ token: { sid: tokens.claims()?.['sid'] ?? (expect.anything() as unknown) } })
const by = ['--reason', 'a test', '--json'] as const
/** By another process, which knows nobody's address. */
const account = async (...args: readonly string[]): Promise<void> => {
  const { status, stderr } = await runSekisho(system.environment, ['account', ...args, ...by])
  if (status !== 0) throw new Error(stderr)
}
const shown = (sub: string) =>
  sekishoJson<{ accountId: string; credentials: { credentialId: string; status: string }[] }>(
    system.environment,
    'account',
    'show',
    sub,
  )

describe('sites are told when something ends that they did not end', () => {
  test('attack 39: suspended from the command line: every session, every token, and every site hears of it', async () => {
    const person = system.person('one-try-left')
    const [atShop, atBank] = [await shop.signIn(person, at('shop')), await bank.signIn(person, at('bank'))]
    const { accountId } = await shown(subOf(atShop))
    await account('suspend', accountId)
    await isToldOf('/shop', atShop)
    await isToldOf('/bank', atBank)
    expect(told).toHaveLength(2)
    await expect(oidc.fetchUserInfo(shop.configuration, atShop.access_token, subOf(atShop))).rejects.toThrow()
    expect(await isSignedIn(person)).toBe(false)
    await account('reopen', accountId)
  })

  test('a site whose offline access outlived the session is told too', async () => {
    const person = system.person('one-try-left')
    const offline = await shop.signIn(person, {
      parameters: { ...at('shop').parameters, scope: 'openid offline_access', prompt: 'consent' },
    })
    const page = await person.open(`${system.issuer}/account`)
    await person.browser.submit(page, '/account/end-session', sessionsOf(page.html)[0] ?? {})
    await expect.poll(() => told.length, { timeout: 10_000 }).toBeGreaterThan(0)
    told.length = 0
    const { accountId } = await shown(subOf(offline))
    await account('suspend', accountId)
    await expect
      .poll(() => told, { timeout: 10_000 })
      .toMatchObject([{ path: '/shop', token: { sub: subOf(offline) } }])
    await expect(oidc.refreshTokenGrant(shop.configuration, offline.refresh_token ?? '')).rejects.toThrow()
    await account('reopen', accountId)
  })

  test('a card that is taken out ends its own sessions, and leaves those of the person’s other card', async () => {
    const [withOne, withOther] = [system.person('taro'), system.person('hanako')]
    const [one, other] = [await shop.signIn(withOne, at('shop')), await shop.signIn(withOther, at('shop'))]
    const [first, second] = [await shown(subOf(one)), await shown(subOf(other))]
    await account('merge', second.accountId, first.accountId)
    await isToldOf('/shop', one)
    await isToldOf('/shop', other)
    told.length = 0

    const [again, too] = [await shop.signIn(withOne, at('shop')), await shop.signIn(withOther, at('shop'))]
    expect(subOf(too)).toBe(subOf(again))
    const account2 = await withOther.open(`${system.issuer}/account`)
    expect(account2.html).toContain('id="sessions-title"')
    await account('unlink', second.credentials[0]?.credentialId ?? '')
    await isToldOf('/shop', too)
    await expect(oidc.fetchUserInfo(shop.configuration, too.access_token, subOf(too))).rejects.toThrow()
    expect(await isSignedIn(withOther)).toBe(false)
    expect(await isSignedIn(withOne)).toBe(true)
    expect(await oidc.fetchUserInfo(shop.configuration, again.access_token, subOf(again))).toMatchObject({
      sub: subOf(again),
    })
    expect(told.map(({ token }) => token['sid'])).not.toContain(again.claims()?.['sid'] ?? 'none')
    expect(told).toHaveLength(1)
  })

  test('attack 39: a session that came into being while its card was taken out opens nothing at /account', async () => {
    await system.jpki.event({ event: 'issue', persona: 'somebody' })
    const person = system.person('somebody')
    const tokens = await shop.signIn(person, at('shop'))
    const { credentials } = await shown(subOf(tokens))
    const current = credentials.find(({ status }) => status === 'current')
    // as if the log-in had been between finding the account and writing the session
    await system.database.query(`UPDATE credentials SET status = 'unlinked' WHERE id = $1`, [current?.credentialId])
    const page = await person.browser.open(`${system.issuer}/account`)
    expect(page.html).not.toContain('id="sessions-title"')
    const forged = await person.browser.submit(
      { ...page, url: new URL(`${system.issuer}/account`) },
      '/account/close',
      {
        understood: 'yes',
      },
    )
    expect(forged.status).toBeGreaterThanOrEqual(400)
  })

  test('ended and disconnected at the person’s own page', async () => {
    const [person, elsewhere] = [system.person('taro-renewed'), system.person('taro-renewed')]
    const [here, there] = [await shop.signIn(person, at('shop')), await shop.signIn(elsewhere, at('shop'))]
    const atBank = await bank.signIn(person, at('bank'))
    const page = await person.open(`${system.issuer}/account`)
    await person.browser.submit(page, '/account/disconnect', { client: 'bank' })
    await isToldOf('/bank', atBank)
    expect(told).toHaveLength(1)
    told.length = 0
    await person.browser.submit(page, '/account/end-session', sessionsOf(page.html).find(isNotThisOne(page.html)) ?? {})
    await isToldOf('/shop', there)
    expect(await isSignedIn(elsewhere)).toBe(false)
    expect(await isSignedIn(person)).toBe(true)
    expect(await oidc.fetchUserInfo(shop.configuration, here.access_token, subOf(here))).toMatchObject({
      sub: subOf(here),
    })
  })
})

function sessionsOf(html: string): readonly Readonly<Record<string, string>>[] {
  return formsOf(html)
    .filter(({ action }) => action.startsWith('/account/end-session'))
    .map(({ values }) => values)
}

/** The page marks the session it is shown in by its button. */
function isNotThisOne(html: string): (values: Readonly<Record<string, string>>) => boolean {
  const own = /name="session" value="([0-9a-f]{64})">\s*<button[^>]*>[^<]*(?:this|here)/i.exec(html)?.[1]
  return ({ session }) => session !== own
}
