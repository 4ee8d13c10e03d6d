import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createGuardedFetch, type GuardedFetchOptions } from '../../../src/outbound/create-guarded-fetch.ts'
import { OutboundFault } from '../../../src/outbound/outbound-fault.ts'
import type { ResolveAll } from '../../../src/outbound/guarded-lookup.ts'

let server: Server
let port = 0
const hits: { method: string | undefined; path: string | undefined; body: string; type: string | undefined }[] = []

beforeAll(async () => {
  server = createServer((req, res) => {
    void text(req).then((body) => {
      hits.push({ method: req.method, path: req.url, body, type: req.headers['content-type'] })
      if (req.url === '/nothing') res.writeHead(204).end()
      else if (req.url === '/elsewhere') res.writeHead(302, { location: '/secret' }).end()
      else if (req.url === '/huge') res.writeHead(200).end('x'.repeat(100_000))
      else if (req.url !== '/never') res.writeHead(200, { 'cache-control': 'max-age=5' }).end('{"keys":[]}')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  port = (server.address() as AddressInfo).port
})
afterAll(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

const ask = async (
  address: string,
  options: Partial<GuardedFetchOptions> = {},
  init?: RequestInit,
): Promise<Response | string> => {
  const guarded = createGuardedFetch({ intranetHosts: [], ...options })
  try {
    return await guarded.fetch(address, init)
  } catch (fault) {
    return fault instanceof OutboundFault ? fault.reason : String(fault)
  } finally {
    await guarded.close()
  }
}
const nameService =
  (...answers: string[]): ResolveAll =>
  (_hostname, _options, callback) => {
    callback(null, [{ address: answers.shift() ?? '127.0.0.1', family: 4 }])
  }

describe('attack 15: what a client may not make us ask', () => {
  test.each([
    ['https://127.0.0.1/', 'network-not-allowed'],
    ['https://[::1]/', 'network-not-allowed'],
    ['https://[::ffff:127.0.0.1]/', 'network-not-allowed'],
    ['https://169.254.169.254/latest/meta-data', 'network-not-allowed'],
    ['https://10.1.2.3/', 'network-not-allowed'],
    ['https://0x7f000001/', 'network-not-allowed'],
    ['https://2130706433/', 'network-not-allowed'],
    ['http://public.example/', 'address-malformed'],
    ['https://user:password@public.example/', 'address-malformed'],
    ['file:///etc/passwd', 'address-malformed'],
  ])('%s: %s', async (address, reason) => {
    expect(await ask(address, { resolve: nameService('192.0.80.1') })).toBe(reason)
  })

  test('DNS rebinding: a name that is public at first and ours afterwards is asked about once', async () => {
    hits.length = 0
    expect(await ask(`https://rebinding.example:${port}/`, { resolve: nameService('127.0.0.1', '192.0.80.1') })).toBe(
      'network-not-allowed',
    )
    expect(hits).toEqual([])
  })

  test.each([['/huge', 'answer-too-large']])('%s: %s', async (path, reason) => {
    expect(await ask(`http://127.0.0.1:${port}${path}`, { intranetHosts: ['127.0.0.1'] })).toBe(reason)
  })

  test('a redirect is an answer, and not followed', async () => {
    hits.length = 0
    const answer = (await ask(`http://127.0.0.1:${port}/elsewhere`, { intranetHosts: ['127.0.0.1'] })) as Response
    expect([answer.status, hits.map(({ path }) => path)]).toEqual([302, ['/elsewhere']])
  })
})

describe('what it may', () => {
  test('an intranet host that the operator listed', async () => {
    const answer = (await ask(`http://127.0.0.1:${port}/jwks`, { intranetHosts: ['127.0.0.1'] })) as Response
    expect([answer.status, await answer.text(), answer.headers.get('cache-control')]).toEqual([
      200,
      '{"keys":[]}',
      'max-age=5',
    ])
  })

  test('a form is sent as one, and an answer may be empty', async () => {
    hits.length = 0
    const init = { method: 'POST', body: new URLSearchParams({ logout_token: 'a.b.c' }) }
    const answer = (await ask(`http://127.0.0.1:${port}/nothing`, { intranetHosts: ['127.0.0.1'] }, init)) as Response
    expect([answer.status, await answer.text()]).toEqual([204, ''])
    expect(hits).toEqual([
      { method: 'POST', path: '/nothing', body: 'logout_token=a.b.c', type: 'application/x-www-form-urlencoded' },
    ])
  })
})
