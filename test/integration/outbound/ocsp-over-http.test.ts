import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import {
  serveVirtualJpki,
  type OcspMisbehaviour,
  type VirtualJpki,
  type VirtualJpkiServer,
} from '@sekisho/virtual-jpki'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { TrustAnchors } from '../../../src/certificate/anchor/trust-anchor.ts'
import { createOcspSource } from '../../../src/certificate/revocation/ocsp/create-ocsp-source.ts'
import { DEFAULT_OCSP_RULES } from '../../../src/certificate/revocation/ocsp/ocsp-rules.ts'
import type { RevocationSource } from '../../../src/certificate/revocation/revocation-source.ts'
import { createOcspTransport } from '../../../src/outbound/create-ocsp-transport.ts'
import { createOutboundClient, type OutboundClient } from '../../../src/outbound/create-outbound-client.ts'
import { A_DAY, anchorsOf, judgeResponse, openJpki, outcomeOf } from '../../support/certificate/court.ts'
import { questionAbout, statusOf } from '../../support/certificate/question.ts'

const DEADLINE_MS = 1500
const MAX_BYTES = 16 * 1024

let jpki: VirtualJpki
let server: VirtualJpkiServer
let anchors: TrustAnchors
let client: OutboundClient

beforeAll(async () => {
  jpki = await openJpki()
  anchors = anchorsOf(jpki)
  server = await serveVirtualJpki(jpki, { host: '127.0.0.1', port: 0 })
  const { host } = new URL(server.url)
  client = createOutboundClient({
    allowedHosts: [host],
    intranetHosts: ['127.0.0.1'],
    deadlineMs: DEADLINE_MS,
    maxBytes: MAX_BYTES,
  })
})

afterEach(() => {
  jpki.misbehave({})
})

afterAll(async () => {
  await client.close()
  await server.close()
})

function sourceAt(
  url: string,
  method: 'POST' | 'GET' = 'POST',
  nonce: 'required' | 'none' = 'required',
): RevocationSource {
  const transport = createOcspTransport({ client, url, method })
  return createOcspSource({
    name: 'over http',
    transport,
    rules: { ...DEFAULT_OCSP_RULES, nonce },
    random: randomBytes,
    now: () => A_DAY,
  })
}

describe('attack 33: over HTTP, each misbehaviour has its code', () => {
  test.each([
    ['slow', 'source-timed-out', 'REV_SOURCE_TIMED_OUT'],
    ['dripping', 'source-timed-out', 'REV_SOURCE_TIMED_OUT'],
    ['http-500', 'source-http-error', 'REV_SOURCE_HTTP_ERROR'],
    ['redirect', 'source-http-error', 'REV_SOURCE_HTTP_ERROR'],
    ['oversized', 'source-too-large', 'REV_SOURCE_TOO_LARGE'],
    ['truncated', 'ocsp-malformed', 'REV_OCSP_MALFORMED'],
    ['garbage', 'ocsp-malformed', 'REV_OCSP_MALFORMED'],
    ['empty-body', 'ocsp-malformed', 'REV_OCSP_MALFORMED'],
    ['try-later', 'ocsp-try-later', 'REV_OCSP_TRY_LATER'],
    ['unauthorized', 'ocsp-unauthorized', 'REV_OCSP_UNAUTHORIZED'],
    ['stale', 'ocsp-stale', 'REV_OCSP_STALE'],
    ['wrong-signer', 'ocsp-wrong-signer', 'REV_OCSP_WRONG_SIGNER'],
    ['replayed-good', 'ocsp-nonce-mismatch', 'REV_OCSP_NONCE_MISMATCH'],
  ] as const satisfies readonly (readonly [OcspMisbehaviour, string, string])[])(
    '%s: %s, %s',
    async (ocsp, cause, code) => {
      const issued = await jpki.issueAuthenticationCertificate({ label: 'over http' })
      jpki.misbehave({ ocsp })
      const revocation = sourceAt(`${server.url}/ocsp`)
      expect(statusOf(await revocation.check(questionAbout(issued, anchors)))).toBe(cause)
      if (cause === 'source-timed-out') return // once is slow enough
      expect(outcomeOf(await judgeResponse(issued, { anchors, revocation }))).toBe(code)
    },
  )

  test('what the signature vouches for may call itself text/html', async () => {
    const issued = await jpki.issueAuthenticationCertificate({ label: 'over http' })
    jpki.misbehave({ ocsp: 'wrong-content-type' })
    expect(statusOf(await sourceAt(`${server.url}/ocsp`).check(questionAbout(issued, anchors)))).toBe('good')
  })

  test('down', async () => {
    const gone = await serveVirtualJpki(jpki, { host: '127.0.0.1', port: 0 })
    await gone.close()
    const { host } = new URL(gone.url)
    const nobody = createOutboundClient({
      allowedHosts: [host],
      intranetHosts: [host],
      deadlineMs: DEADLINE_MS,
      maxBytes: MAX_BYTES,
    })
    const transport = createOcspTransport({ client: nobody, url: `${gone.url}/ocsp`, method: 'POST' })
    expect(await transport.ask(Buffer.from('3000', 'hex'))).toBe('source-unreachable')
    await nobody.close()
  })
})

describe('GET and POST (RFC 6960 appendix A, RFC 5019)', () => {
  test.each([
    ['POST', 'required'],
    ['POST', 'none'],
    ['GET', 'none'],
    ['GET', 'required'],
  ] as const)('%s with nonce %s', async (method, nonce) => {
    const good = await jpki.issueAuthenticationCertificate({ label: 'asked by GET and POST' })
    const lost = await jpki.issueAuthenticationCertificate({
      label: 'lost',
      status: { status: 'revoked', at: A_DAY, reason: 'keyCompromise' },
    })
    const source = sourceAt(`${server.url}/ocsp/`, method, nonce)
    expect(statusOf(await source.check(questionAbout(good, anchors)))).toBe('good')
    expect(statusOf(await source.check(questionAbout(lost, anchors)))).toBe('revoked')
  })
})

test('attack 15: the address in a certificate is never followed', async () => {
  const trapped: string[] = []
  const trap = await serveTrap(trapped)
  const trapping = await openJpki(
    () => A_DAY,
    () => trap.url,
  )
  const issued = await trapping.issueAuthenticationCertificate({ label: 'with a trap in its AIA' })
  expect(issued.certificateDer.toString('latin1')).toContain(trap.url)
  jpki.registry.register({
    authority: issued.authority,
    serialNumber: issued.serialNumber,
    holder: 'trapped',
    status: { status: 'good' },
  })
  const revocation = sourceAt(`${server.url}/ocsp`)
  expect(outcomeOf(await judgeResponse(issued, { anchors, revocation }))).toBe('good')
  expect(trapped).toEqual([])
  await trap.close()
})

async function serveTrap(hits: string[]): Promise<{ url: string; close(): Promise<void> }> {
  const trap = createServer((request, response) => {
    hits.push(request.url ?? '')
    response.end()
  })
  await new Promise<void>((resolve) => trap.listen(0, '127.0.0.1', resolve))
  const { port } = trap.address() as { port: number }
  return {
    url: `http://127.0.0.1:${port}`,
    close: () => new Promise((resolve) => trap.close(() => resolve())),
  }
}
