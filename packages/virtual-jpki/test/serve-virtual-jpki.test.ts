import { request as httpRequest } from 'node:http'
import { networkInterfaces } from 'node:os'

import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import {
  createVirtualJpki,
  MISBEHAVIOURS,
  serveVirtualJpki,
  type VirtualJpki,
  type VirtualJpkiServer,
} from '../src/index.ts'
import { isFromThisMachine } from '../src/service/is-from-this-machine.ts'
import { askOcsp, seeOcspAnswer } from './ask-ocsp.ts'
import { VIRTUAL_KEYS } from '../../../test/support/virtual-keys.ts'

let jpki: VirtualJpki
let server: VirtualJpkiServer
let question: Buffer
beforeAll(async () => {
  jpki = await createVirtualJpki({ now: () => new Date(), cacheDirectory: VIRTUAL_KEYS })
  const taro = jpki.registry.list('authentication-3')[0]?.serialNumber ?? 0n
  question = askOcsp(jpki.authority('authentication', 3), [taro])
})
beforeEach(async () => {
  server = await serveVirtualJpki(jpki)
})
afterEach(async () => {
  jpki.misbehave({})
  await server.close()
})

const OCSP_REQUEST = { 'content-type': 'application/ocsp-request' }
const post = (path: string, body: Uint8Array | string, headers: Record<string, string>): Promise<Response> =>
  fetch(server.url + path, { method: 'POST', body: Buffer.from(body), headers })
const order = (body: unknown, headers: Record<string, string> = {}): Promise<Response> =>
  post('/control/misbehaviour', JSON.stringify(body), { 'content-type': 'application/json', ...headers })
const bytesOf = async (response: Response): Promise<Buffer> => Buffer.from(await response.arrayBuffer())

/** `fetch` would not let us lie about Host. */
function statusWithHost(host: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const asking = httpRequest(`${server.url}/control/misbehaviour`, { headers: { host } }, (response) => {
      response.resume()
      resolve(response.statusCode)
    })
    asking.once('error', reject)
    asking.end()
  })
}

describe('control refuses', () => {
  test.each([
    ['an unknown misbehaviour', { ocsp: 'be-nice' }],
    ['a misbehaviour of the other service', { crl: 'nonce-mismatch' }],
    ['an unknown service', { dns: 'stale' }],
    ['a list', ['stale']],
    ['a string', 'stale'],
  ])('%s, and changes nothing', async (_name, body) => {
    jpki.misbehave({ ocsp: 'stale' })
    expect((await order(body)).status).toBe(400)
    expect(jpki.misbehaviours).toEqual({ ocsp: 'stale' })
  })

  test('what is not JSON', async () => {
    const json = { 'content-type': 'application/json' }
    expect((await post('/control/misbehaviour', '{', json)).status).toBe(400)
    expect((await post('/control/misbehaviour', '{}', { 'content-type': 'text/plain' })).status).toBe(415)
    expect((await post('/control/misbehaviour', ' '.repeat(70_000), json)).status).toBe(413)
    expect((await post('/control/nothing', '{}', json)).status).toBe(404)
  })

  test('attack 23: a web page, by its Origin', async () => {
    expect((await order({ ocsp: 'stale' }, { origin: 'https://evil.example' })).status).toBe(403)
    expect(jpki.misbehaviours).toEqual({})
  })

  test.each(['evil.example', 'evil.example:80', '127.0.0.1.evil.example', 'localhost.evil.example'])(
    'attack 23: DNS rebinding, Host %s',
    async (host) => {
      expect(await statusWithHost(host)).toBe(403)
    },
  )

  test.each([
    ['127.0.0.1', '127.0.0.1:8080', undefined, true],
    ['127.8.8.8', 'localhost', undefined, true],
    ['::1', '[::1]:8080', undefined, true],
    ['::ffff:127.0.0.1', '127.0.0.1', undefined, true],
    ['192.0.2.7', '127.0.0.1', undefined, false],
    ['::ffff:192.0.2.7', 'localhost', undefined, false],
    ['2001:db8::1', '[::1]', undefined, false],
    ['127.0.0.1', 'evil.example', undefined, false],
    ['127.0.0.1', undefined, undefined, false],
    ['127.0.0.1', '127.0.0.1', 'http://127.0.0.1', false],
    ['127.0.0.1', '127.0.0.1', 'null', false],
    [undefined, '127.0.0.1', undefined, false],
  ])(
    'another machine, whatever the service listens on: from %s, Host %s, Origin %s: %s',
    (from, host, origin, local) => {
      const headers = { ...(host === undefined ? {} : { host }), ...(origin === undefined ? {} : { origin }) }
      expect(isFromThisMachine({ headers, socket: { remoteAddress: from } })).toBe(local)
    },
  )

  test('over any interface but loopback', async () => {
    const open = await serveVirtualJpki(jpki, { host: '0.0.0.0' })
    try {
      const { port } = new URL(open.url)
      const interfaces = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? [])
      for (const { address, internal } of interfaces.filter(({ family }) => family === 'IPv4')) {
        const { status } = await fetch(`http://${address}:${port}/control/misbehaviour`)
        expect([address, status]).toEqual([address, internal ? 200 : 403])
      }
    } finally {
      await open.close()
    }
  })
})

describe('control orders', () => {
  test('a misbehaviour, tells what stands, and takes it back', async () => {
    expect(await (await order({ ocsp: 'try-later' })).json()).toMatchObject({ ocsp: 'try-later', crl: null })
    expect(seeOcspAnswer(await bytesOf(await post('/ocsp', question, OCSP_REQUEST))).responseStatus).toBe(3)
    expect(await (await fetch(`${server.url}/control/misbehaviour`)).json()).toEqual({
      ocsp: 'try-later',
      crl: null,
      linkage: null,
      known: MISBEHAVIOURS,
    })
    await order({})
    expect(seeOcspAnswer(await bytesOf(await post('/ocsp', question, OCSP_REQUEST))).responseStatus).toBe(0)
  })

  test('one for each service', async () => {
    await order({ ocsp: 'http-500', crl: 'http-500' })
    expect((await post('/ocsp', question, OCSP_REQUEST)).status).toBe(500)
    expect((await fetch(`${server.url}/crl/authentication.crl`)).status).toBe(500)
    await order({ ocsp: null, crl: 'garbage' })
    expect((await post('/ocsp', question, OCSP_REQUEST)).status).toBe(200)
    expect(await (await fetch(`${server.url}/crl/authentication.crl`)).text()).toMatch(/^<html>/)
  })

  test('attack 32: a revocation', async () => {
    const fresh = await createVirtualJpki({ now: () => new Date(), cacheDirectory: VIRTUAL_KEYS })
    const other = await serveVirtualJpki(fresh)
    try {
      const revoke = (body: unknown): Promise<Response> =>
        fetch(`${other.url}/control/revocation`, {
          method: 'POST',
          body: JSON.stringify(body),
          headers: { 'content-type': 'application/json' },
        })
      expect((await revoke({ persona: 'nobody' })).status).toBe(404)
      expect((await revoke({ persona: 'taro', reason: 'boredom' })).status).toBe(400)
      expect((await revoke({ persona: 'taro', reason: 'superseded' })).status).toBe(200)
      expect(seeOcspAnswer(await fresh.respondOcsp(question)).singles[0]?.status).toBe('revoked')
    } finally {
      await other.close()
    }
  })
})

describe('OCSP over HTTP', () => {
  test.each([
    ['another content type', 'POST', '/ocsp', { 'content-type': 'application/json' }, 415],
    ['a body beyond reason', 'POST', '/ocsp', OCSP_REQUEST, 413],
    ['another method', 'PUT', '/ocsp', OCSP_REQUEST, 405],
    ['another path', 'GET', '/oscp', {}, 404],
    ['a list that is not', 'GET', '/crl/nothing.crl', {}, 404],
    ['an anchor that is not', 'GET', '/anchors/../package.json', {}, 404],
    ['a broken percent sign', 'GET', '/ocsp/%', {}, 400],
  ] as const)('%s is refused', async (_name, method, path, headers, status) => {
    const body = method === 'GET' ? null : Buffer.alloc(70_000)
    expect((await fetch(server.url + path, { method, headers, body })).status).toBe(status)
  })

  test('POST is answered with the right content type', async () => {
    const response = await post('/ocsp', question, OCSP_REQUEST)
    expect(response.headers.get('content-type')).toBe('application/ocsp-response')
    expect(seeOcspAnswer(await bytesOf(response)).singles[0]?.status).toBe('good')
  })

  test.each([
    ['percent-encoded', (base64: string) => encodeURIComponent(base64)],
    ['as it is', (base64: string) => base64],
  ])('GET, base64 %s', async (_name, write) => {
    const response = await fetch(`${server.url}/ocsp/${write(question.toString('base64'))}`)
    expect(response.headers.get('content-type')).toBe('application/ocsp-response')
    expect(response.headers.get('cache-control')).toContain('max-age=900')
    expect(seeOcspAnswer(await bytesOf(response)).singles[0]?.status).toBe('good')
  })

  test('an answer with a nonce may not be cached', async () => {
    const serial = jpki.registry.list('authentication-3')[0]?.serialNumber ?? 0n
    const asked = askOcsp(jpki.authority('authentication', 3), [serial], { nonce: Buffer.alloc(16, 7) })
    expect((await post('/ocsp', asked, OCSP_REQUEST)).headers.get('cache-control')).toBe('no-store')
  })

  test('oversized comes without a length, so that the reader has to count', async () => {
    await order({ ocsp: 'oversized' })
    const response = await post('/ocsp', question, OCSP_REQUEST)
    expect(response.headers.get('content-length')).toBeNull()
    expect((await bytesOf(response)).length).toBeGreaterThan(8 * 1024 * 1024)
  })

  test('redirect points where no server should go', async () => {
    await order({ ocsp: 'redirect' })
    const response = await fetch(`${server.url}/ocsp`, {
      method: 'POST',
      body: Buffer.from(question),
      headers: OCSP_REQUEST,
      redirect: 'manual',
    })
    expect([response.status, response.headers.get('location')]).toEqual([
      302,
      'http://169.254.169.254/latest/meta-data/',
    ])
  })

  test('dripping sends the head at once and the body octet by octet', async () => {
    await order({ ocsp: 'dripping' })
    const response = await post('/ocsp', question, OCSP_REQUEST)
    const reader = response.body?.getReader()
    const first = await reader?.read()
    expect((first?.value as Uint8Array | undefined)?.length).toBeLessThan(
      Number(response.headers.get('content-length')),
    )
    await reader?.cancel()
  })

  test('slow says nothing, and close does not wait for it', async () => {
    const { promise: asked, resolve } = Promise.withResolvers<boolean>()
    const watched = await serveVirtualJpki({
      ...jpki,
      answerOcsp: (requestDer) => {
        resolve(true)
        return jpki.answerOcsp(requestDer, { misbehaviour: 'slow' })
      },
    })
    const outcome = fetch(`${watched.url}/ocsp`, {
      method: 'POST',
      body: Buffer.from(question),
      headers: OCSP_REQUEST,
    }).then(
      () => 'answered',
      () => 'cut off',
    )
    await asked
    await watched.close()
    expect(await outcome).toBe('cut off')
  })
})

describe('files', () => {
  test.each(['authentication.crl', 'authentication-1.crl', 'authentication-2.crl', 'signature.crl', 'signature-3.crl'])(
    '/crl/%s',
    async (file) => {
      const response = await fetch(`${server.url}/crl/${file}`)
      expect(response.headers.get('content-type')).toBe('application/pkix-crl')
      expect((await bytesOf(response))[0]).toBe(0x30)
    },
  )

  test('/anchors/{name}', async () => {
    const [anchor] = jpki.anchors.authentication
    expect(await (await fetch(`${server.url}/anchors/${anchor?.name}`)).text()).toBe(anchor?.pem)
  })

  test('a port that is taken is a fault', async () => {
    await expect(serveVirtualJpki(jpki, { port: Number(new URL(server.url).port) })).rejects.toThrow(/EADDRINUSE/)
  })
})
