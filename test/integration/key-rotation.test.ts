import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  createLocalJWKSet,
  createRemoteJWKSet,
  customFetch,
  decodeProtectedHeader,
  jwtVerify,
  type JSONWebKeySet,
  type JWTVerifyGetKey,
} from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { formsOf } from '../../src/main/demo/html-form.ts'
import type { ScriptedBrowser } from '../../src/main/demo/scripted-browser.ts'
import { freePort } from '../support/free-port.ts'
import { pollUntil } from '../support/poll-until.ts'
import { sekishoJson, serveSekisho, type Environment } from '../support/run-sekisho.ts'
import { startWholeSystem, type WholeSystem } from '../support/whole-system.ts'

/**
 * Two processes on one database, a person who is signed in, and a site that goes on redeeming codes at both of them while an
 * operator moves the keys in a third process. The site verifies every ID token with a JWKS that it fetched once, as one that
 * caches for a day does.
 */
const CLIENT_ID = 'busy-site'
const API_ID = 'busy-api'
const API = 'https://busy.example/'
const HANDS = 4

interface KeyRow {
  readonly kid: string
  readonly algorithm: string
  readonly state: string
}

let system: WholeSystem
let other: Awaited<ReturnType<typeof serveSekisho>>
let site: Server
let redirectUri: string
let environment: Environment
let clientSecret: string
let apiSecret: string
/** Of the person, for the API. */
let apiToken: string
let browser: ScriptedBrowser
let urls: readonly string[]

beforeAll(async () => {
  system = await startWholeSystem({ withoutAgent: false })
  // as behind a balancer
  environment = { ...system.demo.environment, TRUST_PROXY: '1' }
  other = await serveSekisho({ ...environment, PORT: String(await freePort()), LOG_LEVEL: 'silent' })
  urls = [system.issuer, other.url.replace('127.0.0.1', 'localhost')]
  site = createServer((_req, res) => res.end('back at the site')).listen(0, '127.0.0.1')
  await once(site, 'listening')
  redirectUri = `http://localhost:${(site.address() as AddressInfo).port}/callback`
  ;({ clientSecret } = await sekisho<{ clientSecret: string }>(
    'client',
    'add',
    '--id',
    CLIENT_ID,
    '--name-ja',
    '忙しいサイト',
    '--name-en',
    'Busy site',
    '--owner',
    'tests',
    '--first-party',
    '--redirect-uri',
    redirectUri,
    '--set',
    `resources=[{"resource":"${API}","scopes":["read"]}]`,
  ))
  const api = ['--id', API_ID, '--name-ja', '窓口', '--name-en', 'API', '--owner', 'tests', '--set']
  const resourceServer = `resourceServer={"resource":"${API}","scopes":["read"]}`
  ;({ clientSecret: apiSecret } = await sekisho<{ clientSecret: string }>('client', 'add', ...api, resourceServer))
  browser = await signedInBrowser()
  apiToken = (await redeemNewCode(system.issuer, { scope: 'openid read', resource: API })).access_token
})
afterAll(async () => {
  site.closeAllConnections()
  site.close()
  await other.stop()
  await system.close()
})

const sekisho = <Answer>(...args: string[]): Promise<Answer> => sekishoJson<Answer>(environment, ...args)
const keys = (): Promise<KeyRow[]> => sekisho<KeyRow[]>('key', 'list')
const kidOf = async (state: string): Promise<string> => {
  const found = (await keys()).filter((key) => key.algorithm === 'ES256' && key.state === state)
  return found[0]?.kid ?? ''
}
const fetchJwks = async (url: string): Promise<JSONWebKeySet> =>
  (await (await fetch(`${url}/jwks`)).json()) as JSONWebKeySet

/** As a person: shop, card, PIN. */
async function signedInBrowser(): Promise<ScriptedBrowser> {
  const begun = await system.beginSignIn()
  let { page } = begun
  for (const id of ['use-card', 'pin-form']) {
    const form = formsOf(page.html).find((one) => one.id === id)
    if (form === undefined) throw new Error(`there is no ${id} on the page`)
    const [button] = form.buttons
    const pressed = button?.name === undefined ? {} : { [button.name]: button.value }
    page = await begun.browser.submit(page, form.action, {
      ...form.values,
      ...pressed,
      ...(id === 'pin-form' && { pin: '1234' }),
    })
  }
  return begun.browser
}

interface Tokens {
  readonly id_token: string
  readonly access_token: string
}

/** One sign-in of a person who is signed in already, at one of the two processes. */
async function redeemNewCode(url: string, wishes: Record<string, string> = {}): Promise<Tokens> {
  const verifier = randomBytes(32).toString('base64url')
  const parameters = new URLSearchParams({
    client_id: CLIENT_ID,
    redirect_uri: redirectUri,
    response_type: 'code',
    scope: 'openid',
    prompt: 'none',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    ...wishes,
  })
  const { url: back } = await browser.open(`${url}/auth?${parameters}`)
  const code = back.searchParams.get('code')
  if (code === null) throw new Error(`no code: ${back.searchParams.get('error_description')}`)
  const response = await fetch(`${url}/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${CLIENT_ID}:${clientSecret}`).toString('base64')}` },
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      code,
      redirect_uri: redirectUri,
      code_verifier: verifier,
    }),
  })
  const body = (await response.json()) as Partial<Tokens> & { error_description?: string }
  const { id_token: idToken, access_token: accessToken } = body
  if (idToken === undefined || accessToken === undefined) throw new Error(`no ID token: ${body.error_description}`)
  return { id_token: idToken, access_token: accessToken }
}

async function getIdToken(url: string): Promise<string> {
  const { id_token: idToken, access_token: accessToken } = await redeemNewCode(url)
  const userinfo = await fetch(`${url}/me`, { headers: { authorization: `Bearer ${accessToken}` } })
  if (userinfo.status !== 200) throw new Error(`userinfo answered ${userinfo.status}`)
  return idToken
}

/** An API asks about its token, plainly and for a signed answer (RFC 9701). @returns the signed answer */
async function introspect(url: string): Promise<string> {
  const credentials = Buffer.from(`${API_ID}:${apiSecret}`).toString('base64')
  const ask = (accept: string) =>
    fetch(`${url}/token/introspection`, {
      method: 'POST',
      headers: { authorization: `Basic ${credentials}`, accept },
      body: new URLSearchParams({ token: apiToken }),
    })
  const plain: unknown = await (await ask('application/json')).json()
  if ((plain as { active: unknown }).active !== true) throw new Error(`introspection answered ${JSON.stringify(plain)}`)
  return (await ask('application/token-introspection+jwt')).text()
}

/** Goes on until `work` is done, and then once more at each process. */
async function underLoad(work: () => Promise<void>, jwks: JWTVerifyGetKey) {
  const tokens: string[] = []
  const failures: unknown[] = []
  let done = false
  const once = async (url: string): Promise<void> => {
    try {
      const token = await getIdToken(url)
      await verifierWith(jwks)(token)
      await jwtVerify(await introspect(url), jwks, { issuer: system.issuer, audience: API_ID })
      await fetchJwks(url)
      tokens.push(token)
    } catch (fault) {
      failures.push(fault)
    }
  }
  const hands = Array.from({ length: HANDS }, async (_none, hand) => {
    for (let turn = hand; !done; turn += 1) await once(urls[turn % urls.length] ?? '')
  })
  await work().finally(() => (done = true))
  await Promise.all(hands)
  for (const url of urls) await once(url)
  return { tokens, failures }
}

const kidsOf = (tokens: readonly string[]): Set<string | undefined> =>
  new Set(tokens.map((token) => decodeProtectedHeader(token).kid))

/** Until both processes sign with it. */
async function signedEverywhereWith(kid: string): Promise<void> {
  await pollUntil(
    async () => {
      const tokens = await Promise.all(urls.map(getIdToken))
      return tokens.every((token) => decodeProtectedHeader(token).kid === kid)
    },
    { intervalMs: 100, complaint: `not every process signs with ${kid}` },
  )
}

describe('attack 43: keys rotate while people sign in', () => {
  test('published ahead, activated, rolled back, activated again: no request fails, and a cached JWKS verifies every token', async () => {
    const old = await kidOf('active')
    await sekisho('key', 'rotate', '--algorithm', 'ES256')
    const next = await kidOf('published')
    for (const url of urls) {
      await pollUntil(async () => (await fetchJwks(url)).keys.some(({ kid }) => kid === next))
    }
    expect(decodeProtectedHeader(await getIdToken(system.issuer)).kid).toBe(old)
    const cachedForADay = createLocalJWKSet(await fetchJwks(other.url))

    const { tokens, failures } = await underLoad(async () => {
      await signedEverywhereWith(old)
      await sekisho('key', 'activate', next)
      await signedEverywhereWith(next)
      await sekisho('key', 'activate', old)
      await signedEverywhereWith(old)
      const rotated = await sekisho<{ clientSecret: string }>('client', 'rotate-secret', CLIENT_ID)
      await signedEverywhereWith(old)
      clientSecret = rotated.clientSecret
      await sekisho('key', 'activate', next)
      await signedEverywhereWith(next)
    }, cachedForADay)

    expect(failures).toEqual([])
    expect(kidsOf(tokens)).toEqual(new Set([old, next]))
    // the old key has retired: what it signed is verifiable at both, to its end
    for (const url of urls) {
      const jwks = createLocalJWKSet(await fetchJwks(url))
      for (const token of tokens) expect(await verifierWith(jwks)(token)).toMatchObject({ payload: { aud: CLIENT_ID } })
    }
  })

  test('“rotate --now”: no request fails, for a site that fetches the JWKS when it meets an unknown key', async () => {
    const old = await kidOf('active')
    const fetched: string[] = []
    const remote = createRemoteJWKSet(new URL(`${other.url}/jwks`), {
      cooldownDuration: 0,
      cacheMaxAge: Number.POSITIVE_INFINITY,
      [customFetch]: (url: string, options: RequestInit) => {
        fetched.push(url)
        return fetch(url, options)
      },
    })
    const { tokens, failures } = await underLoad(async () => {
      await sekisho('key', 'rotate', '--now', '--algorithm', 'ES256')
      await signedEverywhereWith(await kidOf('active'))
    }, remote)
    expect(failures).toEqual([])
    expect(kidsOf(tokens)).toEqual(new Set([old, await kidOf('active')]))
    expect(fetched.length).toBeGreaterThanOrEqual(2)
  })

  test('a compromised key: gone from the JWKS of both processes, its tokens believed by nobody who looks', async () => {
    const compromised = await kidOf('active')
    const token = await getIdToken(system.issuer)
    await sekisho('key', 'retire', compromised, '--compromised')
    for (const url of urls) {
      await pollUntil(async () => !(await fetchJwks(url)).keys.some(({ kid }) => kid === compromised))
      await expect(verifierWith(createLocalJWKSet(await fetchJwks(url)))(token)).rejects.toMatchObject({
        code: 'ERR_JWKS_NO_MATCHING_KEY',
      })
      expect(decodeProtectedHeader(await getIdToken(url)).kid).not.toBe(compromised)
    }
  })
})

test('nobody registers a client where that was not switched on', async () => {
  const { status } = await fetch(`${other.url}/register`, { method: 'POST' })
  const discovery: unknown = await (await fetch(`${other.url}/.well-known/openid-configuration`)).json()
  expect([status, discovery]).toEqual([
    404,
    expect.not.objectContaining({ registration_endpoint: expect.anything() as unknown }),
  ])
})

describe('attack 43: secrets of the environment change step by step while a person is signed in', () => {
  const [newCookieKey, strangeKey] = [randomBytes(32).toString('base64url'), randomBytes(32).toString('base64url')]
  const newEncryptionKey = randomBytes(32).toString('base64')

  // one after the other: what the first one answers has its cookies signed anew
  test.each<[string, (old: string) => string[], boolean]>([
    ['the new cookie key in front, the old one behind it: the session goes on', (old) => [newCookieKey, old], true],
    ['the old one dropped afterwards: the session goes on', () => [newCookieKey], true],
    ['another key altogether: the session is over, and nothing worse', () => [strangeKey], false],
  ])('%s', async (_name, cookieKeys, goesOn) => {
    const { COOKIE_KEYS = '', KEY_ENCRYPTION_KEY = '' } = environment
    const process = await serveSekisho({
      ...environment,
      PORT: String(await freePort()),
      COOKIE_KEYS: cookieKeys(COOKIE_KEYS).join(','),
      KEY_ENCRYPTION_KEY: `${newEncryptionKey},${KEY_ENCRYPTION_KEY}`,
    })
    try {
      const token = getIdToken(process.url.replace('127.0.0.1', 'localhost'))
      if (goesOn) expect(decodeProtectedHeader(await token).kid).toBe(await kidOf('active'))
      else await expect(token).rejects.toThrow('no code')
    } finally {
      await process.stop()
    }
  })
})

function verifierWith(jwks: JWTVerifyGetKey) {
  return (token: string) =>
    jwtVerify(token, jwks, { issuer: system.issuer, audience: CLIENT_ID, requiredClaims: ['exp'] })
}
