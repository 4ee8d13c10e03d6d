import { randomBytes } from 'node:crypto'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import {
  createVirtualJpki,
  OCSP_MISBEHAVIOURS,
  serveVirtualJpki,
  type OcspMisbehaviour,
  type VirtualJpki,
  type VirtualJpkiServer,
} from '../src/index.ts'
import { askOcsp, seeOcspAnswer } from './ask-ocsp.ts'
import { createOpensslBench, type OpensslBench, type OpensslResult } from './run-openssl.ts'
import { VIRTUAL_KEYS } from '../../../test/support/virtual-keys.ts'

let bench: OpensslBench
let jpki: VirtualJpki
let server: VirtualJpkiServer
let anchors: string
beforeAll(async () => {
  bench = createOpensslBench()
  jpki = await createVirtualJpki({ now: () => new Date(), cacheDirectory: VIRTUAL_KEYS, publicUrl: () => server.url })
  server = await serveVirtualJpki(jpki)
  anchors = bench.certificate('anchors', ...jpki.anchors.authentication.map(({ der }) => der))
})
afterAll(async () => {
  await server.close()
  await bench.remove()
})

const serialOf = (holder: string): bigint =>
  jpki.registry.list().find((entry) => entry.holder === holder && entry.authority.startsWith('authentication'))
    ?.serialNumber ?? 0n

describe('bad requests', () => {
  test.each([
    ['nothing', Buffer.alloc(0)],
    ['no DER', Buffer.from('hello')],
    ['an empty sequence', Buffer.from('3000', 'hex')],
    ['a request without CertID', Buffer.from('300430023000', 'hex')],
    ['half a request', Buffer.from('30443042304030', 'hex')],
  ])('%s is answered malformedRequest', async (_name, bytes) => {
    expect(seeOcspAnswer(await jpki.respondOcsp(bytes)).responseStatus).toBe(1)
  })

  test('octets behind the request, and a request for a hundred certificates', async () => {
    const authority = jpki.authority('authentication', 3)
    const trailing = Buffer.concat([askOcsp(authority, [1n]), Buffer.from([0])])
    expect(seeOcspAnswer(await jpki.respondOcsp(trailing)).responseStatus).toBe(1)
    const many = askOcsp(
      authority,
      Array.from({ length: 100 }, (_, index) => BigInt(index + 1)),
    )
    expect(seeOcspAnswer(await jpki.respondOcsp(many)).responseStatus).toBe(1)
  })

  test('a CA that is not ours: unauthorized, and nothing is said about the serial number', async () => {
    const stranger = await jpki.makeCertificateAuthority({ name: 'authentication-stranger', purpose: 'authentication' })
    const answer = seeOcspAnswer(await jpki.respondOcsp(askOcsp(stranger, [serialOf('unknown-ca')])))
    expect(answer).toEqual({ responseStatus: 6, singles: [], nonceHex: undefined })
  })
})

describe('the openssl ocsp client', () => {
  const ask = async (persona: string, generation: 2 | 3, ...args: readonly string[]): Promise<OpensslResult> => {
    const { authentication } = await jpki.card(persona)
    const issuer = bench.certificate('issuer', jpki.authority('authentication', generation).certificateDer)
    const leaf = bench.certificate(persona, authentication.certificateDer)
    const url = `${server.url}/ocsp`
    return bench.run('ocsp', '-issuer', issuer, ...args, '-cert', leaf, '-url', url, '-CAfile', anchors)
  }

  test.each([
    ['revoked', 3, /: revoked\n[^]*Reason: keyCompromise/],
    ['taro', 2, /: unknown/], // asked about under the wrong generation: the same name, another key
    ['taro', 3, /: good/],
    ['hanako', 2, /: good/],
  ] as const)('%s under generation %i', async (persona, generation, said) => {
    const { status, output } = await ask(persona, generation)
    expect(output).toContain('Response verify OK')
    expect(output).toMatch(said)
    expect(output).not.toContain('WARNING')
    expect(status).toBe(0)
  })

  test.each(['-sha1', '-sha256', '-sha512'])('asks with a CertID of %s', async (hash) => {
    const { output } = await ask('taro', 3, hash)
    expect(output).toContain('Response verify OK')
    expect(output).toMatch(/: good/)
  })

  test('gets its nonce back', async () => {
    expect((await ask('taro', 3, '-nonce')).output).not.toMatch(/nonce/i)
    expect((await ask('taro', 3, '-no_nonce')).output).toMatch(/: good/)
  })

  test('hears of signature certificates too', async () => {
    const { signature } = await jpki.card('taro')
    const issuer = bench.certificate('sign-issuer', signature.caCertificateDer)
    const leaf = bench.certificate('taro-signature', signature.certificateDer)
    const url = `${server.url}/ocsp`
    const { output } = await bench.run('ocsp', '-issuer', issuer, '-cert', leaf, '-url', url, '-CAfile', issuer)
    expect(output).toContain('Response verify OK')
    expect(output).toMatch(/: good/)
  })

  test('attack 32: a revocation is heard at once', async () => {
    const fresh = await createVirtualJpki({ now: () => new Date(), cacheDirectory: VIRTUAL_KEYS })
    const authority = fresh.authority('authentication', 3)
    const serial = fresh.registry.list('authentication-3')[0]?.serialNumber ?? 0n
    const statusNow = async (): Promise<unknown> =>
      seeOcspAnswer(await fresh.respondOcsp(askOcsp(authority, [serial]))).singles[0]?.status
    expect(await statusNow()).toBe('good')
    fresh.revoke({ persona: 'taro' }, 'cessationOfOperation')
    expect(await statusNow()).toBe('revoked')
  })
})

describe('attack 33: on order, what openssl refuses', () => {
  const respond = async (misbehaviour: OcspMisbehaviour, persona = 'taro'): Promise<OpensslResult> => {
    const { authentication } = await jpki.card(persona)
    const issuer = bench.certificate('issuer', jpki.authority('authentication', 3).certificateDer)
    const leaf = bench.certificate(persona, authentication.certificateDer)
    jpki.misbehave({ ocsp: misbehaviour })
    try {
      const url = `${server.url}/ocsp`
      return await bench.run('ocsp', '-issuer', issuer, '-cert', leaf, '-url', url, '-CAfile', anchors, '-resp_text')
    } finally {
      jpki.misbehave({})
    }
  }

  test.each<[OcspMisbehaviour, RegExp]>([
    ['wrong-signer', /unable to get local issuer|Response Verify Failure/i],
    ['sibling-signer', /root ca not trusted|Response Verify Failure/i],
    ['non-delegated-signer', /missing ocspsigning usage/],
    ['expired-signer', /certificate has expired/],
    ['bad-signature', /signature failure/],
    ['stale', /status expired/],
    ['future', /status not yet valid/],
    ['nonce-mismatch', /Nonce Verify error/],
    ['replayed-good', /Nonce Verify error/],
    ['nonce-absent', /WARNING: no nonce in response/],
    ['wrong-serial', /ERROR: No Status found/],
    ['wrong-cert-id', /ERROR: No Status found/],
    ['no-single-response', /ERROR: No Status found/],
    ['unknown', /: unknown/],
    ['try-later', /trylater \(3\)/],
    ['unauthorized', /unauthorized \(6\)/],
    ['internal-error', /internalerror \(2\)/],
    ['malformed-request', /malformedrequest \(1\)/],
    ['sig-required', /sigrequired \(5\)/],
    ['truncated', /Error querying OCSP responder/],
    ['garbage', /Error querying OCSP responder/],
    ['empty-body', /Error querying OCSP responder/],
    ['http-500', /Error querying OCSP responder/],
    ['wrong-content-type', /Error querying OCSP responder/],
  ])('%s', async (misbehaviour, finding) => {
    expect((await respond(misbehaviour)).output).toMatch(finding)
  })

  test('sha1-signature is one', async () => {
    expect((await respond('sha1-signature')).output).toContain('Signature Algorithm: sha1WithRSAEncryption')
  })

  test('replayed-good calls a revoked certificate good, genuinely signed', async () => {
    const { output } = await respond('replayed-good', 'revoked')
    expect(output).toContain('Cert Status: good')
    const request = askOcsp(jpki.authority('authentication', 3), [serialOf('revoked')], { nonce: randomBytes(32) })
    expect(seeOcspAnswer(await jpki.respondOcsp(request)).singles[0]?.status).toBe('revoked')
  })
})

describe('on order, what openssl lets pass', () => {
  const nonce = randomBytes(32)
  const answerTo = async (misbehaviour: OcspMisbehaviour): Promise<ReturnType<typeof seeOcspAnswer>> => {
    const request = askOcsp(jpki.authority('authentication', 3), [serialOf('taro')], { nonce })
    return seeOcspAnswer(await jpki.respondOcsp(request, { misbehaviour }))
  }

  test('two-single-responses: good and revoked for the same certificate', async () => {
    const { singles } = await answerTo('two-single-responses')
    expect(singles.map(({ status }) => status)).toEqual(['good', 'revoked'])
    expect(singles[1]?.certIdHex).toBe(singles[0]?.certIdHex)
  })

  test('next-update-absent: old, and with no end', async () => {
    const body = await jpki.respondOcsp(askOcsp(jpki.authority('authentication', 3), [serialOf('taro')]), {
      misbehaviour: 'next-update-absent',
    })
    const { output } = await bench.run('ocsp', '-respin', bench.file('open.der', body), '-noverify', '-resp_text')
    expect(output).toMatch(/This Update: /)
    expect(output).not.toMatch(/Next Update: /)
  })

  test.each(['oversized', 'trailing-octets'] as const)('%s begins with a good answer', async (misbehaviour) => {
    const request = askOcsp(jpki.authority('authentication', 3), [serialOf('taro')])
    const good = await jpki.respondOcsp(request)
    const body = await jpki.respondOcsp(request, { misbehaviour })
    expect(body.length).toBeGreaterThan(good.length)
    expect(seeOcspAnswer(body)).toEqual(seeOcspAnswer(good))
  })

  test.each([
    ['slow', { status: 200, delayMs: 30_000 }],
    ['dripping', { status: 200, dripIntervalMs: 200 }],
    ['http-500', { status: 500 }],
    ['wrong-content-type', { status: 200, headers: { 'content-type': 'text/html' } }],
    ['redirect', { status: 302, headers: { location: 'http://169.254.169.254/latest/meta-data/' } }],
  ] as const)('%s is told to in-process askers too', async (misbehaviour, told) => {
    const request = askOcsp(jpki.authority('authentication', 3), [serialOf('taro')], { nonce })
    expect(await jpki.answerOcsp(request, { misbehaviour })).toMatchObject(told)
  })
})

test('every misbehaviour changes the answer, and none outlasts its order', async () => {
  const request = askOcsp(jpki.authority('authentication', 3), [serialOf('revoked')], { nonce: randomBytes(32) })
  for (const misbehaviour of OCSP_MISBEHAVIOURS) {
    const good = await jpki.answerOcsp(request)
    expect([misbehaviour, await jpki.answerOcsp(request, { misbehaviour })]).not.toEqual([misbehaviour, good])
    expect(seeOcspAnswer((await jpki.answerOcsp(request)).body).singles[0]?.status).toBe('revoked')
  }
})

describe('one answer for several certificates', () => {
  test('of one CA', async () => {
    const authority = jpki.authority('authentication', 3)
    const serials = [serialOf('taro'), serialOf('revoked'), 1n]
    const { singles } = seeOcspAnswer(await jpki.respondOcsp(askOcsp(authority, serials)))
    expect(singles.map(({ status }) => status)).toEqual(['good', 'revoked', 'unknown'])
  })
})

test('the nonce comes back as it was sent, and stays away when none was sent', async () => {
  const authority = jpki.authority('authentication', 3)
  const nonce = randomBytes(32)
  const withNonce = seeOcspAnswer(await jpki.respondOcsp(askOcsp(authority, [1n], { nonce })))
  expect(withNonce.nonceHex).toBe(`0420${nonce.toString('hex')}`)
  expect(seeOcspAnswer(await jpki.respondOcsp(askOcsp(authority, [1n]))).nonceHex).toBeUndefined()
})

test('the delegate is certified for OCSP alone, needs no check, and is valid at any time of any month', async () => {
  for (const at of ['2026-01-01T00:00:00Z', '2026-12-31T23:59:59Z', '2028-02-29T12:00:00Z']) {
    const then = await createVirtualJpki({ now: () => new Date(at), cacheDirectory: VIRTUAL_KEYS })
    const body = await then.respondOcsp(askOcsp(then.authority('authentication', 3), [1n]))
    const file = bench.file('delegate.der', body)
    const { output } = await bench.run('ocsp', '-respin', file, '-noverify', '-resp_text')
    expect(output).toMatch(/X509v3 Extended Key Usage:\s+OCSP Signing\n/)
    expect(output).toContain('OCSP No Check')
    const seconds = String(Date.parse(at) / 1000)
    const anchor = bench.certificate('then', then.authority('authentication', 3).certificateDer)
    const checked = await bench.run('ocsp', '-respin', file, '-CAfile', anchor, '-attime', seconds)
    expect(checked.output).toContain('Response verify OK')
  }
})
