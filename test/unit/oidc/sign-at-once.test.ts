import { createLocalJWKSet, exportJWK, generateKeyPair, jwtVerify, type JWK } from 'jose'
import Provider, { type JWKS } from 'oidc-provider'
import { beforeAll, describe, expect, test } from 'vitest'
import { callInProcess } from '../../../src/oidc/call-in-process.ts'
import { signAtOnce } from '../../../src/oidc/sign-at-once.ts'
import { ENABLED_ALGORITHMS } from '../../../src/oidc/signature-algorithms.ts'
import { SIGNING_ALGORITHMS } from '../../../src/signing-key/signing-key-store.ts'

const ISSUER = 'https://id.example'
/** Everything that the library signs with a key of the provider's, but for JWT access tokens, which go the same way. */
const USES = ['idtoken', 'logout', 'userinfo', 'introspection', 'authorization'] as const

let keys: readonly JWK[]
let ours: Provider
let theirs: Provider

beforeAll(async () => {
  // two of each: one that signs, and one that is only published
  keys = await Promise.all(
    SIGNING_ALGORITHMS.flatMap((alg) => ['active', 'published'].map((state) => privateJwk(alg, `${alg} ${state}`))),
  )
  ours = providerWith(signAtOnce({ keys }))
  theirs = providerWith({ keys: [...keys] as JWKS['keys'] })
})

async function privateJwk(alg: string, kid: string): Promise<JWK> {
  const { privateKey } = await generateKeyPair(alg, { extractable: true, modulusLength: 2048 })
  return { ...(await exportJWK(privateKey)), alg, use: 'sig', kid }
}

function providerWith(jwks: JWKS): Provider {
  return new Provider(ISSUER, {
    jwks,
    cookies: { keys: ['a key of this test'] },
    enabledJWA: ENABLED_ALGORITHMS,
    clients: SIGNING_ALGORITHMS.map((algorithm) => ({
      client_id: algorithm,
      token_endpoint_auth_method: 'none',
      redirect_uris: ['https://site.example/callback'],
      id_token_signed_response_alg: algorithm,
      userinfo_signed_response_alg: algorithm,
      introspection_signed_response_alg: algorithm,
      authorization_signed_response_alg: algorithm,
    })),
    features: {
      devInteractions: { enabled: false },
      jwtUserinfo: { enabled: true },
      introspection: { enabled: true },
      jwtIntrospection: { enabled: true },
      jwtResponseModes: { enabled: true },
      externalSigningSupport: { enabled: true, ack: 'experimental-01' },
    },
  })
}

const jwksOf = async (provider: Provider): Promise<{ keys: JWK[] }> =>
  JSON.parse((await callInProcess(provider.callback(), ISSUER, { method: 'GET', path: '/jwks' })).text) as {
    keys: JWK[]
  }

async function signedBy(provider: Provider, algorithm: string, use: (typeof USES)[number]): Promise<string> {
  const client = await provider.Client.find(algorithm)
  if (client === undefined) throw new Error('no client')
  const token = new provider.IdToken({}, { client })
  token.set('sub', 'somebody')
  token.set('nonce', 'ünïcode')
  return token.issue({ use })
}

test('the JWKS is the one that the library makes of the private keys, and holds nothing private', async () => {
  const published = await jwksOf(ours)
  expect(published).toEqual(await jwksOf(theirs))
  expect(published.keys.map(({ kid }) => kid)).toEqual(keys.map(({ kid }) => kid))
  for (const key of published.keys)
    expect(Object.keys(key).filter((name) => /^(d|p|q|dp|dq|qi)$/.test(name))).toEqual([])
})

describe.each(SIGNING_ALGORITHMS)('%s', (algorithm) => {
  test.each(USES)(
    '%s: header and claims of the library’s own way, and a signature that the JWKS verifies',
    async (use) => {
      const [one, other] = await Promise.all([signedBy(ours, algorithm, use), signedBy(theirs, algorithm, use)])
      const options = { currentDate: new Date() }
      const verified = await jwtVerify(one, createLocalJWKSet(await jwksOf(theirs)), options)
      const reference = await jwtVerify(other, createLocalJWKSet(await jwksOf(ours)), options)
      expect(verified.protectedHeader).toEqual(reference.protectedHeader)
      expect(verified.protectedHeader.kid).toBe(`${algorithm} active`)
      const claims = { nonce: 'ünïcode', iss: ISSUER, aud: algorithm }
      expect(verified.payload).toMatchObject(claims)
      // both were signed within seconds of each other, perhaps on both sides of one
      const withoutTimes = ({ iat: _iat, exp: _exp, ...rest }: object & { iat?: unknown; exp?: unknown }): object =>
        rest
      expect(withoutTimes(verified.payload)).toEqual(withoutTimes(reference.payload))
      expect(Object.keys(verified.payload)).toEqual(Object.keys(reference.payload))
    },
  )

  test('an ID token comes back as a hint, by whichever it was signed', async () => {
    for (const [signer, reader] of [
      [ours, ours],
      [ours, theirs],
      [theirs, ours],
    ] as const) {
      const client = await reader.Client.find(algorithm)
      if (client === undefined) throw new Error('no client')
      const hint = await signedBy(signer, algorithm, 'idtoken')
      const { payload } = await reader.IdToken.validate(hint, client)
      expect(payload).toMatchObject({ sub: 'somebody', aud: algorithm })
      const [header = '', body = '', signature = ''] = hint.split('.')
      const changed = `${header}.${body}.${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`
      await expect(reader.IdToken.validate(changed, client)).rejects.toThrow()
    }
  })
})

test('those on curves sign at once, RSA by way of the pool; a private key does not show', () => {
  const signed = signAtOnce({ keys }).keys
  expect(signed.map((key, at) => [key.kid, key === keys[at]])).toEqual(keys.map(({ kid, kty }) => [kid, kty === 'RSA']))
  for (const key of signed) if (key.kty !== 'RSA') expect(JSON.stringify(key)).not.toContain('"d"')
})
