import { randomBytes, randomUUID } from 'node:crypto'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startConformanceSystem, type ConformanceSystem } from '../support/conformance-system.ts'
import { freePort } from '../support/free-port.ts'
import { basic, post } from '../support/raw-openid.ts'
import { sekishoJson, serveSekisho } from '../support/run-sekisho.ts'

let system: ConformanceSystem
let keys: Awaited<ReturnType<typeof generateKeyPair>>

beforeAll(async () => {
  system = await startConformanceSystem()
  await system.register({ clientId: 'bound', requireDpop: true })
  keys = await generateKeyPair('ES256', { extractable: true })
})
afterAll(() => system.close())

/** @returns what the token endpoint says of a proof with this nonce, and the nonce that it gives */
async function prove(url: string, nonce?: string): Promise<{ readonly error: unknown; readonly nonce: string }> {
  const claims = { jti: randomUUID(), htm: 'POST', htu: `${system.issuer}/token`, iat: Math.floor(Date.now() / 1000) }
  const dpop = await new SignJWT({ ...claims, ...(nonce === undefined ? {} : { nonce }) })
    .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk: await exportJWK(keys.publicKey) })
    .sign(keys.privateKey)
  const parameters = {
    grant_type: 'authorization_code',
    code: 'none',
    redirect_uri: 'x',
    code_verifier: 'x'.repeat(43),
  }
  const { body, headers } = await post(`${url}/token`, parameters, { ...basic('bound'), dpop })
  return { error: body['error'], nonce: headers.get('dpop-nonce') ?? '' }
}

test('attack 43: while KEY_ENCRYPTION_KEY changes step by step, a nonce of any process is good at every other', async () => {
  const { KEY_ENCRYPTION_KEY: oldKey = '' } = system.environment
  const newKey = randomBytes(32).toString('base64')
  const environment = { ...system.environment, TRUST_PROXY: '1' }
  const both = { ...environment, KEY_ENCRYPTION_KEY: `${newKey},${oldKey}` }
  const onlyNew = { ...environment, KEY_ENCRYPTION_KEY: newKey }

  const between = await serveSekisho({ ...both, PORT: String(await freePort()) })
  expect(await sekishoJson(both, 'key', 'reseal')).toEqual({ resealed: 5, current: 0 })
  const after = await serveSekisho({ ...onlyNew, PORT: String(await freePort()) })
  try {
    const urls = [system.issuer, between.url, after.url]
    for (const giver of urls) {
      const { error, nonce } = await prove(giver)
      expect([error, nonce]).toEqual(['use_dpop_nonce', expect.stringMatching(/^[\w-]{43}$/)])
      // the proof is good: what is refused is the code
      for (const taker of urls) expect((await prove(taker, nonce)).error).toBe('invalid_grant')
    }
    expect((await prove(after.url, 'n'.repeat(43))).error).toBe('use_dpop_nonce')
  } finally {
    await between.stop()
    await after.stop()
  }
})
