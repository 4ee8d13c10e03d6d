import { randomBytes } from 'node:crypto'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { serveVirtualJpki, type VirtualJpki } from '@sekisho/virtual-jpki'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { parseCertificate } from '../../../src/certificate/x509/parse-certificate.ts'
import { createOutboundClient, type OutboundClient } from '../../../src/outbound/create-outbound-client.ts'
import { createLinkageOperator } from '../../../src/outbound/linkage/create-linkage-operator.ts'
import { createAccessTokens } from '../../../src/outbound/operator/create-access-tokens.ts'
import type { LinkageQuestion, LinkageService } from '../../../src/subject/linkage-service.ts'
import { A_DAY, anchorsOf, openJpki } from '../../support/certificate/court.ts'
import { questionAbout } from '../../support/certificate/question.ts'

const DAY_MS = 86_400_000
type Style = 'previous' | 'person'

let jpki: VirtualJpki
let served: Awaited<ReturnType<typeof serveVirtualJpki>>
let renewed: LinkageQuestion
let first: LinkageQuestion
let clients: OutboundClient[] = []

beforeAll(async () => {
  jpki = await openJpki()
  served = await serveVirtualJpki(jpki, { port: 0 })
  ;[first, renewed] = [await questionOf('taro'), await questionOf('taro-renewed')]
})
afterEach(async () => {
  jpki.misbehave({})
  for (const client of clients) await client.close()
  clients = []
})
afterAll(() => served.close())

async function questionOf(persona: string): Promise<LinkageQuestion> {
  const { authentication } = await jpki.card(persona)
  const { issuerNameDer, serialNumber } = parseCertificate(authentication.certificateDer)
  return { issuerNameDer, serialNumber, issuerKeyId: questionAbout(authentication, anchorsOf(jpki)).issuer.keyId }
}

interface AdapterOptions {
  readonly style?: Style
  readonly withTokens?: boolean
  readonly now?: () => Date
}

function adapterAt(url: string, { style = 'previous', withTokens = false, now = () => A_DAY }: AdapterOptions = {}) {
  const client = createOutboundClient({
    allowedHosts: [new URL(url).host],
    intranetHosts: ['127.0.0.1'],
    requireTls: true,
    deadlineMs: 400,
    maxBytes: 16 * 1024,
  })
  clients.push(client)
  const names = anchorsOf(jpki).authentication.map(({ certificate }) => Buffer.from(certificate.subjectNameDer))
  return createLinkageOperator({
    name: 'operator',
    client,
    url: `${url}/linkage`,
    style,
    accessTokens: withTokens
      ? createAccessTokens({
          client,
          tokenUrl: `${url}/linkage/token`,
          clientId: 'sekisho',
          clientSecret: 'a secret',
          scope: undefined,
          now,
        })
      : undefined,
    isIssuer: (issuerNameDer) => names.some((name) => name.equals(issuerNameDer)),
    random: randomBytes,
    now,
    deadlineMs: 1000,
    skewMs: 300_000,
    maxAgeMs: 7 * DAY_MS,
  })
}

function ask(service: LinkageService, question: LinkageQuestion) {
  if (service.style === 'none') throw new Error('nobody to ask')
  return service.style === 'previous' ? service.previousOf(question) : service.personOf(question)
}

describe.each(['previous', 'person'] as const)('asked for the %s, the virtual service', (style) => {
  test.each([
    ['down', 'status-503'],
    ['unauthorized', 'not-permitted'],
    ['unknown-certificate', 'certificate-unknown-or-ambiguous'],
    ['stale', 'answer-stale'],
    ['from-the-future', 'answer-from-the-future'],
    ['malformed', 'answer-malformed'],
    ['unknown-member', 'answer-malformed'],
    ['wrong-request-id', 'answer-to-another-question'],
    ['cut', 'connection-failed'],
    ['truncated', 'answer-malformed'],
    ['trailing-octets', 'answer-malformed'],
    ['garbage', 'answer-malformed'],
    ['empty-body', 'answer-malformed'],
    ['oversized', 'answer-too-large'],
    ['slow', 'deadline-passed'],
    ['dripping', 'deadline-passed'],
    ['http-500', 'status-500'],
    ['redirect', 'status-302'],
  ] as const)('%s: that is “don’t know” (%s)', async (linkage, cause) => {
    jpki.misbehave({ linkage })
    expect(await ask(adapterAt(served.url, { style }), renewed)).toEqual({ status: 'unavailable', cause })
  })

  test.each(['unknown', 'of a mail CA'])('a certificate that is %s was never issued: “don’t know”', async (what) => {
    const question =
      what === 'unknown'
        ? { ...first, serialNumber: Buffer.from('11223344', 'hex') }
        : { ...first, issuerNameDer: Buffer.from('30023100', 'hex') }
    expect(await ask(adapterAt(served.url, { style }), question)).toEqual({
      status: 'unavailable',
      cause: 'certificate-unknown-or-ambiguous',
    })
  })

  test('a public address that is not https is not asked', async () => {
    const service = adapterAt('http://linkage.example', { style })
    expect(await ask(service, first)).toEqual({ status: 'unavailable', cause: 'address-malformed' })
  })
})

describe('previous', () => {
  test('a predecessor under another CA’s name is no answer', async () => {
    jpki.misbehave({ linkage: 'wrong-issuer' })
    expect(await ask(adapterAt(served.url), renewed)).toEqual({
      status: 'unavailable',
      cause: 'predecessor-of-another-kind',
    })
  })

  test('one step back, without a token and with one', async () => {
    const { issuerNameDer, serialNumber } = first
    const previous = { issuerNameDer: new Uint8Array(issuerNameDer), serialNumber: new Uint8Array(serialNumber) }
    for (const withTokens of [false, true]) {
      const service = adapterAt(served.url, { withTokens })
      expect(await ask(service, renewed)).toEqual({ status: 'found', previous, relation: 'renewed', asOf: A_DAY })
      expect(await ask(service, first)).toEqual({ status: 'none', asOf: A_DAY })
    }
  })

  test('a lost card and the one that was issued for it', async () => {
    const answer = await ask(adapterAt(served.url), await questionOf('lost-and-reissued'))
    expect(answer).toMatchObject({ status: 'found', relation: 'reissued' })
  })
})

test('a person has one name through all renewals, and another one for every customer', async () => {
  const nameOf = async (service: LinkageService, question: LinkageQuestion): Promise<string> => {
    const answer = await ask(service, question)
    if (answer.status !== 'found' || !('personId' in answer)) throw new Error(answer.status)
    return answer.personId
  }
  const service = adapterAt(served.url, { style: 'person', withTokens: true })
  expect(await nameOf(service, renewed)).toBe(await nameOf(service, first))
  expect(await nameOf(service, await questionOf('hanako'))).not.toBe(await nameOf(service, first))
  expect(await nameOf(adapterAt(served.url, { style: 'person' }), first)).not.toBe(await nameOf(service, first))
})

describe('a service by hand', () => {
  interface Asked {
    readonly path: string
    readonly body: string
    readonly authorization: string | undefined
  }
  let server: Server
  let asked: Asked[]
  let answers: ((response: ServerResponse, requestId: string) => void)[]
  let url: string

  const none = (response: ServerResponse, requestId: string): void => {
    response.end(JSON.stringify({ request_id: requestId, result: 'none', as_of: A_DAY.toISOString() }))
  }
  const status = (code: number) => (response: ServerResponse) => {
    response.writeHead(code).end('{"error":"as ordered"}')
  }
  const cut = (response: ServerResponse): void => {
    response.destroy()
  }

  beforeEach(async () => {
    asked = []
    answers = []
    server = createServer((request, response) => {
      void text(request).then((body) => {
        const { authorization } = request.headers
        if (request.url === '/linkage/token') {
          response.end(JSON.stringify({ access_token: `token ${asked.length}`, token_type: 'Bearer', expires_in: 600 }))
          return
        }
        asked.push({ path: request.url ?? '', body, authorization })
        const { request_id: requestId } = JSON.parse(body) as { request_id: string }
        ;(answers.shift() ?? none)(response, requestId)
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterEach(() => {
    server.closeAllConnections()
    server.close()
  })

  test.each([
    ['503', status(503)],
    ['500', status(500)],
    ['a cut connection', cut],
  ])('%s: asked once more, with the same request id; then not again', async (_what, failing) => {
    answers = [failing]
    expect(await ask(adapterAt(url), first)).toEqual({ status: 'none', asOf: A_DAY })
    expect(asked).toHaveLength(2)
    expect(asked[0]?.body).toBe(asked[1]?.body)

    answers = [failing, failing]
    expect(await ask(adapterAt(url), first)).toMatchObject({ status: 'unavailable' })
    expect(asked).toHaveLength(4)
    expect(asked[2]?.body).not.toBe(asked[1]?.body)
  })

  test.each([400, 403, 404, 413, 415, 422, 429])('%i: not asked again', async (code) => {
    answers = [status(code)]
    expect(await ask(adapterAt(url), first)).toMatchObject({ status: 'unavailable' })
    expect(asked).toHaveLength(1)
  })

  test('401: asked once more with a new token, and not a third time', async () => {
    answers = [status(401), none]
    const service = adapterAt(url, { withTokens: true })
    expect(await ask(service, first)).toEqual({ status: 'none', asOf: A_DAY })
    expect(asked.map(({ authorization }) => authorization)).toEqual(['Bearer token 0', 'Bearer token 1'])
    answers = [status(401), status(401), none]
    expect(await ask(service, first)).toEqual({ status: 'unavailable', cause: 'not-permitted' })
    expect(asked).toHaveLength(4)
  })

  test('after five failures in a row nobody is asked for a while; then one question tries it', async () => {
    let now = A_DAY
    const service = adapterAt(url, { now: () => now })
    answers = Array.from({ length: 10 }, () => status(503))
    for (let n = 0; n < 5; n++) expect(await ask(service, first)).toMatchObject({ cause: 'status-503' })
    expect(await ask(service, first)).toEqual({ status: 'unavailable', cause: 'paused' })
    expect(asked).toHaveLength(10)
    now = new Date(A_DAY.getTime() + 15_000)
    const crowd = await Promise.all(Array.from({ length: 5 }, () => ask(service, first)))
    expect(crowd.map((answer) => ('cause' in answer ? answer.cause : answer.status))).toEqual([
      'none',
      'paused',
      'paused',
      'paused',
      'paused',
    ])
    expect(await ask(service, first)).toMatchObject({ status: 'none' })
  })

  test('the question is the contract’s, and nothing more', async () => {
    await ask(adapterAt(url, { style: 'person' }), first)
    expect(asked[0]?.path).toBe('/linkage/person')
    expect(JSON.parse(asked[0]?.body ?? '')).toEqual({
      request_id: expect.stringMatching(/^[\w-]{16,64}$/) as string,
      issuer_name: Buffer.from(first.issuerNameDer).toString('base64'),
      issuer_key_id: Buffer.from(first.issuerKeyId ?? []).toString('hex'),
      serial_number: Buffer.from(first.serialNumber).toString('hex'),
    })
  })
})
