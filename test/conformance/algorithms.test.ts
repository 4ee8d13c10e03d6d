import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from 'jose'
import * as oidc from 'openid-client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { PROVIDER_ALGORITHMS } from '../../src/relying-party/algorithms.ts'
import { SECRET, startConformanceSystem, type ConformanceSystem } from '../support/conformance-system.ts'
import { openidSite } from '../support/openid-site.ts'
import type { PersonWithCard } from '../support/person-with-card.ts'
import { basic, CHALLENGE, post, VERIFIER } from '../support/raw-openid.ts'

let system: ConformanceSystem
let person: PersonWithCard

beforeAll(async () => {
  system = await startConformanceSystem()
  person = system.person()
})
afterAll(() => system.close())

const resourceOf = (algorithm: string): string => `https://${algorithm.toLowerCase()}.example/`

test.each(PROVIDER_ALGORITHMS)(
  '%s: ID token, JARM, JWT access token and signed introspection, each by the key for it',
  async (algorithm) => {
    const [clientId, resource] = [`site-${algorithm}`, resourceOf(algorithm)]
    const scopes = ['read']
    await system.register({
      clientId: `jwt-${algorithm}`,
      redirectUris: [],
      resourceServer: { resource, scopes, accessTokenFormat: 'jwt', signingAlgorithm: algorithm },
    })
    const opaque = `${resource}opaque`
    await system.register({
      clientId: `api-${algorithm}`,
      redirectUris: [],
      resourceServer: { resource: opaque, scopes, signingAlgorithm: algorithm },
    })
    await system.register({
      clientId,
      idTokenAlgorithm: algorithm,
      authorizationResponseAlgorithm: algorithm,
      resources: [
        { resource, scopes },
        { resource: opaque, scopes },
      ],
    })
    const jwks = createRemoteJWKSet(new URL(`${system.issuer}/jwks`))
    const keyIds = new Set<string | undefined>()
    const verified = async (jwt: string): Promise<void> => {
      const { protectedHeader } = await jwtVerify(jwt, jwks, { issuer: system.issuer })
      expect(protectedHeader.alg).toBe(algorithm)
      keyIds.add(protectedHeader.kid)
    }

    const metadata = { id_token_signed_response_alg: algorithm, authorization_signed_response_alg: algorithm }
    const site = await openidSite(system, clientId, oidc.ClientSecretBasic(SECRET), metadata)
    oidc.useJwtResponseMode(site.configuration)
    const address = await person.authorize(
      oidc.buildAuthorizationUrl(site.configuration, {
        redirect_uri: 'http://localhost:1/cb',
        scope: 'openid read',
        resource,
        code_challenge: CHALLENGE,
        code_challenge_method: 'S256',
      }),
    )
    await verified(address.searchParams.get('response') ?? '')
    const tokens = await oidc.authorizationCodeGrant(site.configuration, address, { pkceCodeVerifier: VERIFIER })
    await verified(tokens.id_token ?? '')
    expect(decodeProtectedHeader(tokens.access_token).typ).toBe('at+jwt')
    await verified(tokens.access_token)

    const plain = await openidSite(system, clientId, oidc.ClientSecretBasic(SECRET), metadata)
    const forApi = await plain.signIn(person, { parameters: { scope: 'openid read', resource: opaque } })
    const { text } = await post(
      `${system.issuer}/token/introspection`,
      { token: forApi.access_token },
      { ...basic(`api-${algorithm}`), accept: 'application/token-introspection+jwt' },
    )
    await verified(text)
    expect(keyIds.size).toBe(1)
  },
)

test('no key signs by two algorithms, and none is shared', async () => {
  const { keys } = (await (await fetch(`${system.issuer}/jwks`)).json()) as { keys: { alg: string; kid: string }[] }
  expect(keys.map(({ alg }) => alg).toSorted()).toEqual([...PROVIDER_ALGORITHMS].toSorted())
  expect(new Set(keys.map(({ kid }) => kid)).size).toBe(keys.length)
  for (const key of keys) expect(Object.keys(key)).not.toContain('d')
})
