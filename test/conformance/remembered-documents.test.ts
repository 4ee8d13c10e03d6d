import { request } from 'node:http'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startConformanceSystem, type ConformanceSystem } from '../support/conformance-system.ts'
import { pollUntil } from '../support/poll-until.ts'
import { sekishoJson } from '../support/run-sekisho.ts'

/**
 * Key set and metadata are answered with what the library answered before (src/oidc/remember-documents.ts): each is asked for once so that
 * it is remembered, once so that only the library takes it, and the answers are the same to the header.
 */
const DOCUMENTS = ['/jwks', '/.well-known/openid-configuration', '/.well-known/oauth-authorization-server'] as const
let system: ConformanceSystem

beforeAll(async () => {
  system = await startConformanceSystem({ REDIS_URL: '' })
})
afterAll(() => system.close())

interface Answered {
  readonly status: number | undefined
  /** As they came, without those of their moment. */
  readonly headers: readonly string[]
  readonly body: string
}

async function ask(path: string, { method = 'GET', headers = {} } = {}): Promise<Answered> {
  const { promise, resolve, reject } = Promise.withResolvers<Answered>()
  request(`${system.issuer}${path}`, { method, headers, agent: false }, (res) => {
    const { rawHeaders, statusCode: status } = res
    const lines = rawHeaders.flatMap((name, at) => (at % 2 === 0 ? [`${name}: ${rawHeaders[at + 1] ?? ''}`] : []))
    const lasting = lines.filter((line) => !/^(Date|X-Request-Id):/.test(line)).sort()
    text(res).then((body) => {
      resolve({ status, headers: lasting, body })
    }, reject)
  })
    .on('error', reject)
    .end()
  return promise
}

describe('a remembered document', () => {
  test.each(DOCUMENTS)('%s is the library’s own answer to the header', async (path) => {
    const first = await ask(path)
    const again = [await ask(path), await ask(path)]
    // what the library alone takes: an address with a query
    const library = await ask(`${path}?asked=anew`)
    expect(library.status).toBe(200)
    expect([first, ...again]).toEqual([library, library, library])
    expect(JSON.parse(library.body)).toBeTypeOf('object')
  })

  test.each(DOCUMENTS)('%s under another name of this server is still its own (attack 10)', async (path) => {
    const plain = await ask(path)
    expect(await ask(path, { headers: { host: 'evil.example', 'x-forwarded-host': 'evil.example' } })).toEqual(plain)
  })

  test.each(DOCUMENTS)('%s for a page of another origin names that origin', async (path) => {
    await ask(path)
    const { headers } = await ask(path, { headers: { origin: 'https://spa.example' } })
    expect(headers).toContain('Access-Control-Allow-Origin: https://spa.example')
    expect((await ask(path)).headers).toContain('Access-Control-Allow-Origin: *')
  })

  test.each(DOCUMENTS)('%s by HEAD has headers and no body, by DELETE is nothing', async (path) => {
    const plain = await ask(path)
    expect(await ask(path, { method: 'HEAD' })).toEqual({ ...plain, body: '' })
    expect((await ask(path, { method: 'DELETE' })).status).toBe(404)
  })

  test('with new keys is a new document, at once with the keys that sign', async () => {
    const kids = async (): Promise<string[]> =>
      (JSON.parse((await ask('/jwks')).body) as { readonly keys: { readonly kid: string }[] }).keys.map(
        ({ kid }) => kid,
      )
    const before = await kids()
    await sekishoJson(system.environment, 'key', 'rotate')
    const after = await pollUntil(async () => {
      const found = await kids()
      return found.length > before.length && found
    })
    expect(after.filter((kid) => before.includes(kid))).toEqual(before)
    expect(JSON.parse((await ask('/jwks?asked=anew')).body)).toEqual(JSON.parse((await ask('/jwks')).body))
  })
})
