import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer as createHttpServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { TLSSocket } from 'node:tls'
import type { VirtualJpki } from '@sekisho/virtual-jpki'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { TrustAnchors } from '../../../src/certificate/anchor/trust-anchor.ts'
import type { RevocationSource } from '../../../src/certificate/revocation/revocation-source.ts'
import { createOutboundClient, type OutboundClient } from '../../../src/outbound/create-outbound-client.ts'
import { createAccessTokens } from '../../../src/outbound/operator/create-access-tokens.ts'
import { createOperatorSource } from '../../../src/outbound/operator/create-operator-source.ts'
import { A_DAY, anchorsOf, judgeResponse, openJpki, outcomeOf } from '../../support/certificate/court.ts'
import { questionAbout, statusOf } from '../../support/certificate/question.ts'
import { makeMtlsCertificates } from '../../support/mtls-certificates.ts'
import { createTempDirectory, type TempDirectory } from '../../support/temp-directory.ts'

const MINUTE_MS = 60_000

type Question = Record<'request_id' | 'issuer_key_id' | 'issuer_name' | 'serial_number', string>
interface Answer {
  readonly status?: number
  readonly body?: string
}

let jpki: VirtualJpki
let anchors: TrustAnchors
let server: Server
let clients: OutboundClient[] = []
let answer: (question: Question, authorization: string | undefined) => Answer
let tokenRequests: { readonly authorization: string | undefined; readonly form: string }[] = []
let tokenAnswer: Answer

beforeAll(async () => {
  jpki = await openJpki()
  anchors = anchorsOf(jpki)
  server = createHttpServer((request, response) => void serve(request, response))
  await listen(server)
})

afterEach(async () => {
  for (const client of clients) await client.close()
  clients = []
  tokenRequests = []
})

afterAll(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const text = Buffer.concat(chunks).toString('utf8')
  const { authorization } = request.headers
  const made =
    request.url === '/token'
      ? (tokenRequests.push({ authorization, form: text }), tokenAnswer)
      : answer(JSON.parse(text) as Question, authorization)
  response.writeHead(made.status ?? 200, { 'content-type': 'application/json' }).end(made.body)
}

const origin = (of: Server = server, scheme = 'http'): string =>
  `${scheme}://127.0.0.1:${(of.address() as AddressInfo).port}`

/** What a well-behaved operator says; changes of it are what the tests are about. */
const say = (
  { request_id, issuer_key_id, serial_number }: Question,
  changes: Record<string, unknown> = {},
): Answer => ({
  body: JSON.stringify({
    request_id,
    issuer_key_id,
    serial_number,
    status: 'good',
    this_update: '2026-11-22T02:45:00Z',
    next_update: '2026-11-22T03:15:00Z',
    ...changes,
  }),
})

function sourceAt(
  url: string,
  options: { withTokens?: boolean; tls?: { cert: string; key: string; ca: string } } = {},
): RevocationSource {
  const { host } = new URL(url)
  const client = createOutboundClient({
    allowedHosts: [host],
    intranetHosts: ['127.0.0.1'],
    requireTls: true,
    deadlineMs: 1500,
    maxBytes: 16 * 1024,
    ...(options.tls === undefined ? {} : { tls: options.tls }),
  })
  clients.push(client)
  const accessTokens =
    options.withTokens === true
      ? createAccessTokens({
          client,
          tokenUrl: `${origin()}/token`,
          clientId: 'sekisho:1',
          clientSecret: 'very secret & odd',
          scope: 'status',
          now: () => A_DAY,
        })
      : undefined
  return createOperatorSource({
    name: 'operator',
    client,
    url,
    accessTokens,
    random: randomBytes,
    now: () => A_DAY,
    skewMs: MINUTE_MS,
    maxAgeMs: 60 * MINUTE_MS,
  })
}

async function outcome(source: RevocationSource): Promise<readonly [status: string, logIn: string]> {
  const issued = await jpki.issueAuthenticationCertificate({ label: 'asked of an operator' })
  const status = statusOf(await source.check(questionAbout(issued, anchors)))
  return [status, outcomeOf(await judgeResponse(issued, { anchors, revocation: source }))]
}

describe('answers that cannot be used', () => {
  test.each<readonly [what: string, answer: (question: Question) => Answer, cause: string, code: string]>([
    ['no JSON', () => ({ body: 'good' }), 'operator-malformed', 'REV_OPERATOR_MALFORMED'],
    ['nothing', () => ({ body: '' }), 'operator-malformed', 'REV_OPERATOR_MALFORMED'],
    ['an unknown member', (q) => say(q, { note: 'hello' }), 'operator-malformed', 'REV_OPERATOR_MALFORMED'],
    ['an unknown status', (q) => say(q, { status: 'fine' }), 'operator-malformed', 'REV_OPERATOR_MALFORMED'],
    ['a reason to be good', (q) => say(q, { reason: 'superseded' }), 'operator-malformed', 'REV_OPERATOR_MALFORMED'],
    ['no time', (q) => say(q, { this_update: undefined }), 'operator-malformed', 'REV_OPERATOR_MALFORMED'],
    [
      'a local time',
      (q) => say(q, { this_update: '2026-11-22T11:45:00+09:00' }),
      'operator-malformed',
      'REV_OPERATOR_MALFORMED',
    ],
    [
      'another serial number',
      (q) => say(q, { serial_number: '05' }),
      'operator-wrong-certificate',
      'REV_OPERATOR_WRONG_CERTIFICATE',
    ],
    [
      'another CA',
      (q) => say(q, { issuer_key_id: '00'.repeat(20) }),
      'operator-wrong-certificate',
      'REV_OPERATOR_WRONG_CERTIFICATE',
    ],
    [
      'the answer to another question',
      (q) => say(q, { request_id: 'x' }),
      'operator-wrong-certificate',
      'REV_OPERATOR_WRONG_CERTIFICATE',
    ],
    ['old news', (q) => say(q, { this_update: '2026-11-22T01:58:59Z' }), 'operator-stale', 'REV_OPERATOR_STALE'],
    ['overdue news', (q) => say(q, { next_update: '2026-11-22T02:58:59Z' }), 'operator-stale', 'REV_OPERATOR_STALE'],
    [
      'news of tomorrow',
      (q) => say(q, { this_update: '2026-11-22T03:01:01Z' }),
      'operator-from-the-future',
      'REV_OPERATOR_FROM_THE_FUTURE',
    ],
    ['401', () => ({ status: 401 }), 'operator-unauthorized', 'REV_OPERATOR_UNAUTHORIZED'],
    ['403', () => ({ status: 403 }), 'operator-unauthorized', 'REV_OPERATOR_UNAUTHORIZED'],
    ['500', () => ({ status: 500 }), 'source-http-error', 'REV_SOURCE_HTTP_ERROR'],
    ['a redirect', () => ({ status: 307 }), 'source-http-error', 'REV_SOURCE_HTTP_ERROR'],
    ['far too much', () => ({ body: ' '.repeat(20_000) }), 'source-too-large', 'REV_SOURCE_TOO_LARGE'],
  ])('%s', async (_, behave, cause, code) => {
    answer = behave
    expect(await outcome(sourceAt(`${origin()}/certificate-status`))).toEqual([cause, code])
  })
})

describe('answers', () => {
  test('good', async () => {
    answer = (question) => say(question)
    expect(await outcome(sourceAt(`${origin()}/certificate-status`))).toEqual(['good', 'good'])
  })

  test('unknown is not revoked', async () => {
    answer = (question) => say(question, { status: 'unknown' })
    expect(await outcome(sourceAt(`${origin()}/certificate-status`))).toEqual(['unknown', 'REV_UNKNOWN'])
  })

  test('attack 32: revoked, with time and reason', async () => {
    answer = (question) =>
      say(question, { status: 'revoked', revoked_at: '2026-10-01T00:00:00Z', reason: 'superseded' })
    const source = sourceAt(`${origin()}/certificate-status`)
    const question = questionAbout(
      await jpki.issueAuthenticationCertificate({ label: 'revoked at the operator' }),
      anchors,
    )
    expect(await source.check(question)).toMatchObject({
      status: 'revoked',
      at: new Date('2026-10-01T00:00:00Z'),
      reason: 'superseded',
      method: 'operator',
      checkedAt: new Date('2026-11-22T02:45:00Z'),
    })
    expect(await outcome(source)).toEqual(['revoked', 'CERT_REVOKED'])
  })

  test('the question names issuer and number as the contract says', async () => {
    let seen: Question | undefined
    answer = (question) => say((seen = question))
    const issued = await jpki.issueAuthenticationCertificate({ label: 'named' })
    await sourceAt(`${origin()}/certificate-status`).check(questionAbout(issued, anchors))
    const authority = jpki.authority('authentication', 3)
    expect(seen).toMatchObject({
      issuer_key_id: authority.keyId.toString('hex'),
      issuer_name: authority.nameDer.toString('base64'),
    })
    expect(BigInt(`0x${seen!.serial_number}`)).toBe(issued.serialNumber)
    expect(seen!.request_id).toMatch(/^[A-Za-z0-9_-]{22}$/)
  })
})

describe('OAuth client credentials', () => {
  test('one token for many questions, by client_secret_basic', async () => {
    tokenAnswer = { body: JSON.stringify({ access_token: 'abc', token_type: 'Bearer', expires_in: 300 }) }
    answer = (question, authorization) => (authorization === 'Bearer abc' ? say(question) : { status: 401 })
    const source = sourceAt(`${origin()}/certificate-status`, { withTokens: true })
    const [first, second] = await Promise.all([outcome(source), outcome(source)])
    expect(first).toEqual(['good', 'good'])
    expect(second).toEqual(['good', 'good'])
    expect(tokenRequests).toEqual([
      {
        authorization: `Basic ${Buffer.from('sekisho%3A1:very+secret+%26+odd').toString('base64')}`,
        form: 'grant_type=client_credentials&scope=status',
      },
    ])
  })

  test('a token that was withdrawn is replaced once', async () => {
    let issuedTokens = 0
    answer = (question, authorization) => {
      // the first token is never good
      tokenAnswer = {
        body: JSON.stringify({ access_token: `token ${++issuedTokens}`, token_type: 'bearer', expires_in: 300 }),
      }
      return authorization === 'Bearer token 1' ? say(question) : { status: 401 }
    }
    tokenAnswer = { body: JSON.stringify({ access_token: 'withdrawn', token_type: 'bearer', expires_in: 300 }) }
    const source = sourceAt(`${origin()}/certificate-status`, { withTokens: true })
    const question = questionAbout(await jpki.issueAuthenticationCertificate({ label: 'withdrawn' }), anchors)
    expect(statusOf(await source.check(question))).toBe('good')
    expect(tokenRequests).toHaveLength(2)
  })

  test.each([
    ['no token', { status: 400, body: '{"error":"invalid_client"}' }],
    ['a token of another kind', { body: JSON.stringify({ access_token: 'abc', token_type: 'mac' }) }],
  ])('%s', async (_, made) => {
    tokenAnswer = made
    answer = (question) => say(question)
    const [status] = await outcome(sourceAt(`${origin()}/certificate-status`, { withTokens: true }))
    expect(status).toBe('source-unreachable')
  })
})

describe('mutual TLS', () => {
  let directory: TempDirectory
  let https: Server
  const pem = (name: string): string => readFileSync(join(directory.path, name), 'utf8')

  beforeAll(async () => {
    directory = createTempDirectory('mtls')
    makeMtlsCertificates(directory.path)
    https = createHttpsServer(
      {
        cert: pem('server.pem'),
        key: pem('server.key'),
        ca: pem('ca.pem'),
        requestCert: true,
        rejectUnauthorized: true,
      },
      (request, response) => {
        const { socket } = request
        if (socket instanceof TLSSocket && socket.getPeerCertificate().subject.CN === 'sekisho')
          void serve(request, response)
        else response.writeHead(403).end()
      },
    )
    await listen(https)
  })

  afterAll(async () => {
    https.closeAllConnections()
    await new Promise((resolve) => https.close(resolve))
    await directory.remove()
  })

  test('with our certificate', async () => {
    answer = (question) => say(question)
    const tls = { cert: pem('client.pem'), key: pem('client.key'), ca: pem('ca.pem') }
    expect(await outcome(sourceAt(`${origin(https, 'https')}/certificate-status`, { tls }))).toEqual(['good', 'good'])
  })

  test('without it there is no connection', async () => {
    const [status] = await outcome(sourceAt(`${origin(https, 'https')}/certificate-status`))
    expect(status).toBe('source-unreachable')
  })

  test('a server that the authorities do not vouch for is not asked', async () => {
    answer = () => {
      throw new Error('was asked')
    }
    const tls = { cert: pem('client.pem'), key: pem('client.key'), ca: pem('client.pem') }
    const [status] = await outcome(sourceAt(`${origin(https, 'https')}/certificate-status`, { tls }))
    expect(status).toBe('source-unreachable')
  })
})

function listen(one: Server): Promise<void> {
  return new Promise((resolve) => one.listen(0, '127.0.0.1', resolve))
}
