import * as oidc from 'openid-client'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { confirmLogOut } from '../../support/confirm-log-out.ts'
import { CALLBACK, startConformanceSystem, type ConformanceSystem } from '../../support/conformance-system.ts'
import { registerAsThePageSays, unquotedPrograms } from '../../support/recipe.ts'
import { cancel, startRecipeSite, type RecipeSite } from '../../support/recipe-site.ts'
import { sekishoJson } from '../../support/run-sekisho.ts'
import * as authjs from './authjs.ts'
import * as betterAuth from './better-auth.ts'
import * as expressOpenidConnect from './express-openid-connect.ts'
import * as openidClient from './openid-client.ts'
import * as passport from './passport.ts'
import type { SiteSettings } from './site-settings.ts'

/** docs/relying-parties quotes programs and commands; what it quotes runs here. */
let system: ConformanceSystem

beforeAll(async () => {
  system = await startConformanceSystem({ CLIENT_INTRANET_HOSTS: 'localhost' })
})
afterAll(() => system.close())

// eslint-disable-next-line @typescript-eslint/no-deprecated -- the test server has no certificate
const development = { execute: [oidc.allowInsecureRequests] }

describe.each([
  {
    page: 'express-openid-connect',
    buttons: { in: '/login', out: '/logout' },
    create: expressOpenidConnect.createSite,
    backchannel: true,
  },
  { page: 'authjs', buttons: { in: '/auth/signin', out: '/auth/signout' }, create: authjs.createSite },
  { page: 'better-auth', buttons: { in: '/sign-in', out: '/' }, create: betterAuth.createSite },
  {
    page: 'passport',
    buttons: { in: '/sign-in', out: '/' },
    create: (settings: SiteSettings) => passport.createSite(settings, development),
  },
])('$page', ({ page, buttons, create, backchannel = false }) => {
  let site: RecipeSite

  beforeEach(() => {
    // the libraries write down what they refuse; here that is every other test
    vi.spyOn(console, 'error').mockReturnValue()
  })

  beforeAll(async () => {
    site = await startRecipeSite(system, page, { buttons, create })
  })
  afterAll(() => site.close())

  test('the page quotes the program as it is', () => {
    expect(unquotedPrograms(page, [`${page}.ts`])).toEqual([])
  })

  test('nobody is signed in without a card', async () => {
    expect(await site.userId(system.person())).toBeUndefined()
  })

  test('attack 13: a response that another browser asked for signs nobody in', async () => {
    const [attacker, victim] = [system.person('hanako'), system.person()]
    const response = await site.comeBack(attacker)
    expect(await site.answerWith(victim, response)).toBeUndefined()
    // nor when the victim has begun a sign-in as well
    await site.comeBack(victim)
    expect(await site.answerWith(victim, response)).toBeUndefined()
  })

  test('attack 10: a response that names another issuer is thrown out', async () => {
    const person = system.person()
    const response = await site.comeBack(person)
    response.searchParams.set('iss', 'https://attacker.example')
    expect(await site.answerWith(person, response)).toBeUndefined()
  })

  test('somebody who cancels is not signed in, and the site goes on', async () => {
    const person = system.person()
    const response = await site.cancel(person)
    expect(response.searchParams.get('error')).toBe('access_denied')
    expect(await site.answerWith(person, response)).toBeUndefined()
    expect(await site.signIn(person)).toEqual(expect.any(String))
  })

  test('the same person is the same, in every browser; another is another', async () => {
    const [one, two] = [await site.signIn(system.person()), await site.signIn(system.person())]
    expect(one).toBe(two)
    expect(one?.split(' ')).toEqual([system.issuer, expect.stringMatching(/^[\w-]{43}$/)])
    expect(await site.signIn(system.person('hanako'))).not.toBe(one)
  })

  test('whoever signs out is out, and asked whether also at the provider', async () => {
    const person = system.person()
    await site.signIn(person)
    const after = await site.signOut(person)
    expect(await site.userId(person)).toBeUndefined()
    // Auth.js ends its own session alone, and its page says so
    expect(after.url.origin).toBe(page === 'authjs' ? site.baseUrl : system.issuer)
    if (page !== 'authjs') expect((await confirmLogOut(person, after)).href).toBe(`${site.baseUrl}/`)
  })

  test.each(backchannel ? ['at the provider'] : [])('whoever signs out %s is soon out here', async () => {
    const person = system.person()
    await site.signIn(person)
    await confirmLogOut(person, `${system.issuer}/session/end`)
    await expect.poll(() => site.userId(person), { timeout: 10_000 }).toBeUndefined()
  })

  test('a card that nobody could check does not do', async () => {
    await sekishoJson(system.environment, 'client', 'update', site.clientId, '--revocation-policy', 'allow-unchecked')
    const person = system.person('pin-locked')
    system.jpki.misbehave({ ocsp: 'try-later' })
    const response = await site.comeBack(person)
    system.jpki.misbehave({})
    expect(response.searchParams.has('code')).toBe(true)
    expect(await site.answerWith(person, response)).toBeUndefined()
  })
})

describe.each(['keycloak', 'oauth2-proxy'])('%s', (page) => {
  test('is not run here, but its registration is', async () => {
    const { clientId, clientSecret } = await registerAsThePageSays(system.environment, page, {
      baseUrl: 'https://shop.example.jp',
    })
    expect([clientId, clientSecret]).toEqual([expect.stringMatching(/^[a-z]+$/), expect.stringMatching(/^[\w-]{43}$/)])
  })
})

describe('openid-client', () => {
  let secret: string

  beforeAll(async () => {
    const baseUrl = new URL(CALLBACK).origin
    secret = (await registerAsThePageSays(system.environment, 'openid-client', { baseUrl })).clientSecret
  })
  const connect = () => openidClient.connect(system.issuer, 'shop', secret, development)

  test('the page quotes the program as it is', () => {
    expect(unquotedPrograms('openid-client', ['openid-client.ts'])).toEqual([])
  })

  test('the program signs somebody in, and the same person is the same', async () => {
    const configuration = await connect()
    const signIn = async () => {
      const { pending, address } = await openidClient.begin(configuration, CALLBACK)
      return openidClient.finish(configuration, await system.person().authorize(address), pending)
    }
    const [first, again] = [await signIn(), await signIn()]
    expect(first.userId).toMatch(/^[\w-]{43}$/)
    expect(again.userId).toBe(first.userId)
  })

  test('an API, and the tokens for it, as the page of all says', async () => {
    const page = '../relying-parties'
    const apiUrl = 'http://localhost:2'
    await registerAsThePageSays(system.environment, page, { baseUrl: '', apiUrl })
    await registerAsThePageSays(system.environment, page, { baseUrl: '', apiUrl, which: 1 })
    const configuration = await connect()
    const { pending, address } = await openidClient.begin(configuration, CALLBACK)
    address.searchParams.set('resource', `${apiUrl}/`)
    address.searchParams.set('scope', 'openid orders:read')
    const { userId } = await openidClient.finish(configuration, await system.person().authorize(address), pending)
    expect(userId).toMatch(/^[\w-]{43}$/)
  })

  test('a card that nobody could check does not do', async () => {
    await sekishoJson(system.environment, 'client', 'update', 'shop', '--revocation-policy', 'allow-unchecked')
    const configuration = await connect()
    const { pending, address } = await openidClient.begin(configuration, CALLBACK)
    system.jpki.misbehave({ ocsp: 'try-later' })
    const callback = await system.person('pin-locked').authorize(address)
    system.jpki.misbehave({})
    await expect(openidClient.finish(configuration, callback, pending)).rejects.toThrow('not signed in')
  })

  test('somebody who cancels is not signed in', async () => {
    const configuration = await connect()
    const { pending, address } = await openidClient.begin(configuration, CALLBACK)
    const person = system.person()
    const callback = await cancel(person, await person.browser.open(address.href))
    await expect(openidClient.finish(configuration, callback, pending)).rejects.toMatchObject({
      error: 'access_denied',
    })
  })

  test.each(['state', 'nonce', 'codeVerifier'] as const)('a response for another %s is thrown out', async (key) => {
    const configuration = await connect()
    const { pending, address } = await openidClient.begin(configuration, CALLBACK)
    const callback = await system.person().authorize(address)
    const other = { ...pending, [key]: oidc.randomPKCECodeVerifier() }
    await expect(openidClient.finish(configuration, callback, other)).rejects.toThrow()
  })

  test('attack 10: a response that names another issuer is thrown out', async () => {
    const configuration = await connect()
    const { pending, address } = await openidClient.begin(configuration, CALLBACK)
    const callback = await system.person().authorize(address)
    callback.searchParams.set('iss', 'https://attacker.example')
    await expect(openidClient.finish(configuration, callback, pending)).rejects.toThrow()
  })
})
