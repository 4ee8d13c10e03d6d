import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createGuardedFetch } from '../../../src/outbound/create-guarded-fetch.ts'
import { createOutboundClient, type OutboundClientOptions } from '../../../src/outbound/create-outbound-client.ts'
import type { ResolveAll } from '../../../src/outbound/guarded-lookup.ts'
import { OutboundFault } from '../../../src/outbound/outbound-fault.ts'
import { isSpecialUse } from '../../../src/outbound/special-use-networks.ts'

let server: Server
let port: number
const hits: string[] = []

beforeAll(async () => {
  server = createServer((request, response) => {
    hits.push(request.url ?? '')
    if (request.url === '/redirect') response.writeHead(302, { location: `http://127.0.0.1:${port}/secret` }).end()
    else if (request.url === '/large') response.end(Buffer.alloc(5000))
    else if (request.url === '/odd-status') request.socket.end('HTTP/1.1 999 Odd\r\nContent-Length: 0\r\n\r\n')
    else if (request.url === '/silent') request.resume()
    else if (request.url === '/drip') drip(response)
    else if (request.url === '/pieces') inPieces(response)
    else if (request.url === '/hints') {
      response.writeEarlyHints({ link: '</style.css>; rel=preload' })
      response.end('after the hints')
    } else if (request.url === '/cut') {
      response.writeHead(200, { 'content-length': '100' })
      response.write('half of it', () => request.socket.destroy())
    } else if (request.url === '/cut-chunked') response.write('half of it', () => request.socket.destroy())
    else response.end(`${request.method} ${request.headers['x-test'] ?? ''}`)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  port = (server.address() as AddressInfo).port
})

afterAll(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

/** An octet now and then, for ever. */
function drip(response: ServerResponse): void {
  const timer = setInterval(() => response.write('.'), 20)
  response.on('close', () => {
    clearInterval(timer)
  })
}

/** 4096 octets, each piece as long as the last two. */
function inPieces(response: ServerResponse): void {
  const octets = Buffer.from(Array.from({ length: 4096 }, (_, at) => at % 251))
  const write = (from: number, length: number): void => {
    if (from >= octets.length) response.end()
    else response.write(octets.subarray(from, from + length), () => setImmediate(write, from + length, length * 2))
  }
  write(0, 1)
}

/** A name service that says whatever is needed, and writes down what it was asked. */
const nameService = (answers: Readonly<Record<string, readonly string[]>>, asked: string[] = []): ResolveAll => {
  return (hostname, _, callback) => {
    asked.push(hostname)
    const addresses = answers[hostname] ?? []
    if (addresses.length === 0) callback(Object.assign(new Error('no such name'), { code: 'ENOTFOUND' }), [])
    else
      callback(
        null,
        addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      )
  }
}

/** The reason of the fault, or the status. */
async function outcomeOf(url: string, options: Partial<OutboundClientOptions> = {}): Promise<string | number> {
  const client = createOutboundClient({ allowedHosts: [], deadlineMs: 1500, maxBytes: 4096, ...options })
  try {
    return (await client.send({ method: 'GET', url })).status
  } catch (error) {
    if (error instanceof OutboundFault) return error.reason
    throw error
  } finally {
    await client.close()
  }
}

describe('attack 15: where a request may go', () => {
  test.each([
    ['http://127.0.0.1/', 'loopback'],
    ['http://127.1.2.3/', 'all of loopback'],
    ['http://0.0.0.0/', 'this host'],
    ['http://[::1]/', 'loopback, version 6'],
    ['http://[::ffff:127.0.0.1]/', 'loopback, mapped'],
    ['http://[::ffff:7f00:1]/', 'loopback, mapped, in hexadecimal'],
    ['http://[64:ff9b::7f00:1]/', 'loopback, through NAT64'],
    ['http://[::ffff:0:7f00:1]/', 'loopback, translated (RFC 2765)'],
    ['http://[2002:7f00:1::]/', 'loopback, through 6to4'],
    ['http://169.254.169.254/', 'metadata of a cloud'],
    ['http://[fe80::1]/', 'link-local'],
    ['http://[fd00:ec2::254]/', 'metadata of a cloud, version 6'],
    ['http://10.1.2.3/', 'private'],
    ['http://172.31.255.255/', 'private'],
    ['http://192.168.0.1/', 'private'],
    ['http://100.64.0.1/', 'carrier-grade NAT'],
    ['http://198.18.0.1/', 'benchmarking'],
    ['http://224.0.0.1/', 'multicast'],
    ['http://255.255.255.255/', 'broadcast'],
    ['http://2130706433/', 'loopback as one number'],
    ['http://0x7f.1/', 'loopback in hexadecimal'],
    ['http://017700000001/', 'loopback in octal'],
  ])('%s (%s) is refused even when its host is listed', async (url) => {
    const { host } = new URL(url)
    expect(await outcomeOf(url, { allowedHosts: [host] })).toBe('network-not-allowed')
  })

  test('a name that leads to a private network is refused', async () => {
    const resolve = nameService({ 'ocsp.example': ['10.0.0.7'] })
    expect(await outcomeOf('http://ocsp.example/', { allowedHosts: ['ocsp.example'], resolve })).toBe(
      'network-not-allowed',
    )
  })

  test('a name with one public and one private address is refused', async () => {
    const resolve = nameService({ 'ocsp.example': ['192.0.80.1', '127.0.0.1'] })
    expect(await outcomeOf('http://ocsp.example/', { allowedHosts: ['ocsp.example'], resolve })).toBe(
      'network-not-allowed',
    )
  })

  test('DNS rebinding: what is connected to is what was looked at, in one look-up', async () => {
    hits.length = 0
    const asked: string[] = []
    let count = 0
    const resolve: ResolveAll = (hostname, _, callback) => {
      asked.push(hostname)
      count += 1
      // harmless at the first look, loopback at the second
      callback(null, [{ address: count === 1 ? '127.0.0.1' : '192.0.80.1', family: 4 }])
    }
    const url = `http://rebinding.example:${port}/secret`
    expect(await outcomeOf(url, { allowedHosts: [`rebinding.example:${port}`], resolve })).toBe('network-not-allowed')
    expect(asked).toEqual(['rebinding.example'])
    expect(hits).toEqual([])
  })

  test('a host of ours may be on a private network', async () => {
    const resolve = nameService({ 'ocsp.intra.example': ['127.0.0.1'] })
    const url = `http://ocsp.intra.example:${port}/`
    const allowedHosts = [`ocsp.intra.example:${port}`]
    expect(await outcomeOf(url, { allowedHosts, resolve })).toBe('network-not-allowed')
    expect(await outcomeOf(url, { allowedHosts, resolve, intranetHosts: ['ocsp.intra.example'] })).toBe(200)
    expect(
      await outcomeOf(`http://127.0.0.1:${port}/`, {
        allowedHosts: [`127.0.0.1:${port}`],
        intranetHosts: ['127.0.0.1'],
      }),
    ).toBe(200)
  })

  test.each([
    ['another host', 'http://other.example/', 'host-not-allowed'],
    ['another port', 'http://listed.example:8080/', 'host-not-allowed'],
    ['a subdomain', 'http://a.listed.example/', 'host-not-allowed'],
    ['user information', 'http://listed.example@evil.example/', 'address-malformed'],
    ['another scheme', 'ftp://listed.example/', 'address-malformed'],
    ['a file', 'file:///etc/passwd', 'host-not-allowed'],
    ['no address', 'listed.example', 'address-malformed'],
  ])('%s: %s', async (_, url, reason) => {
    const asked: string[] = []
    expect(await outcomeOf(url, { allowedHosts: ['listed.example'], resolve: nameService({}, asked) })).toBe(reason)
    expect(asked).toEqual([])
  })

  test('any public host, for addresses that come from sites: https only, and nothing special', async () => {
    const resolve = nameService({ 'site.example': ['10.0.0.7'] })
    const options = { allowedHosts: 'any-public', resolve } as const
    expect(await outcomeOf('http://site.example/', options)).toBe('address-malformed')
    expect(await outcomeOf('https://site.example/', options)).toBe('network-not-allowed')
    expect(await outcomeOf('https://127.0.0.1/', options)).toBe('network-not-allowed')
    const url = `http://127.0.0.1:${port}/`
    expect(await outcomeOf(url, { ...options, intranetHosts: [`127.0.0.1:${port}`] })).toBe(200)
  })

  test('one port of a host of ours opens none of its other ports', async () => {
    const resolve = nameService({ 'intra.example': ['127.0.0.1'] })
    const options = { resolve, intranetHosts: ['intra.example:8443'] }
    const url = `https://intra.example:${port}/`
    expect(await outcomeOf(url, { ...options, allowedHosts: 'any-public' })).toBe('network-not-allowed')
    expect(await outcomeOf(url, { ...options, allowedHosts: [`intra.example:${port}`] })).toBe('network-not-allowed')
  })

  test('where TLS is required, plain http is for our own hosts', async () => {
    const options = { allowedHosts: ['operator.example', `127.0.0.1:${port}`], requireTls: true }
    expect(await outcomeOf('http://operator.example/', options)).toBe('address-malformed')
    expect(await outcomeOf(`http://127.0.0.1:${port}/`, { ...options, intranetHosts: ['127.0.0.1'] })).toBe(200)
  })

  test('a redirect is an answer, and never followed', async () => {
    hits.length = 0
    const options = { allowedHosts: [`127.0.0.1:${port}`], intranetHosts: ['127.0.0.1'] }
    expect(await outcomeOf(`http://127.0.0.1:${port}/redirect`, options)).toBe(302)
    expect(hits).toEqual(['/redirect'])
  })
})

describe('attack 18: what an answer may cost', () => {
  const ours = () => ({ allowedHosts: [`127.0.0.1:${port}`], intranetHosts: ['127.0.0.1'] })

  test('no more octets than the cap', async () => {
    expect(await outcomeOf(`http://127.0.0.1:${port}/large`, ours())).toBe('answer-too-large')
    expect(await outcomeOf(`http://127.0.0.1:${port}/large`, { ...ours(), maxBytes: 5000 })).toBe(200)
  })

  test('no more time than the deadline', async () => {
    expect(await outcomeOf(`http://127.0.0.1:${port}/silent`, { ...ours(), deadlineMs: 200 })).toBe('deadline-passed')
  })

  test('not one octet at a time, either', async () => {
    expect(await outcomeOf(`http://127.0.0.1:${port}/drip`, { ...ours(), deadlineMs: 200 })).toBe('deadline-passed')
  })

  test('nor while others keep every connection busy', async () => {
    const client = createOutboundClient({ ...ours(), deadlineMs: 400, maxBytes: 4096 })
    const asked = Array.from({ length: 20 }, () =>
      client.send({ method: 'GET', url: `http://127.0.0.1:${port}/silent` }),
    )
    const outcomes = await Promise.allSettled(asked)
    for (const outcome of outcomes)
      expect(outcome).toMatchObject({ status: 'rejected', reason: { reason: 'deadline-passed' } })
    // and afterwards there is room again
    expect((await client.send({ method: 'GET', url: `http://127.0.0.1:${port}/` })).status).toBe(200)
    await client.close()
  })

  test.each(['/cut', '/cut-chunked'])('%s: half an answer is none', async (path) => {
    expect(await outcomeOf(`http://127.0.0.1:${port}${path}`, ours())).toBe('connection-failed')
  })

  test('what was closed before it was asked', async () => {
    const client = createOutboundClient({ ...ours(), deadlineMs: 400, maxBytes: 4096 })
    await client.send({ method: 'GET', url: `http://127.0.0.1:${port}/` })
    await client.close()
    const asked = client.send({ method: 'GET', url: `http://127.0.0.1:${port}/` })
    await expect(asked).rejects.toMatchObject({ name: 'OutboundFault', reason: 'connection-failed' })
  })

  test('an answer in pieces, up to the very cap, and one after hints', async () => {
    const client = createOutboundClient({ ...ours(), deadlineMs: 1500, maxBytes: 4096 })
    const { body } = await client.send({ method: 'GET', url: `http://127.0.0.1:${port}/pieces` })
    expect([...body]).toEqual(Array.from({ length: 4096 }, (_, at) => at % 251))
    const hinted = await client.send({ method: 'GET', url: `http://127.0.0.1:${port}/hints` })
    expect([hinted.status, Buffer.from(hinted.body).toString(), hinted.headers['link']]).toEqual([
      200,
      'after the hints',
      undefined,
    ])
    await client.close()
    expect(await outcomeOf(`http://127.0.0.1:${port}/pieces`, { ...ours(), maxBytes: 4095 })).toBe('answer-too-large')
  })

  test('a name that does not exist', async () => {
    const options = { allowedHosts: ['nowhere.example'], resolve: nameService({}) }
    expect(await outcomeOf('http://nowhere.example/', options)).toBe('connection-failed')
  })
})

test('a status no Response can have is a fault of the connection', async () => {
  const guarded = createGuardedFetch({ intranetHosts: [`127.0.0.1:${port}`] })
  try {
    const fault: unknown = await guarded.fetch(`http://127.0.0.1:${port}/odd-status`).catch((error: unknown) => error)
    expect(fault).toBeInstanceOf(OutboundFault)
    expect(fault).toHaveProperty('reason', 'connection-failed')
  } finally {
    await guarded.close()
  }
})

test.each([
  ['8.8.8.8', false],
  ['192.0.80.1', false],
  ['2606:4700::1111', false],
  ['2400:4000::1', false],
  ['127.0.0.1', true],
  ['::', true],
  ['::ffff:8.8.8.8', true],
  ['64:ff9b:1::1', true],
  ['100:0:0:1::1', true],
  ['4000::1', true],
  ['fc00::1', true],
  ['not an address', true],
])('%s is special: %s', (address, expected) => {
  expect(isSpecialUse(address)).toBe(expected)
})
