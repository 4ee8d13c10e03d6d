import { randomBytes } from 'node:crypto'
import {
  CRL_MISBEHAVIOURS,
  OCSP_MISBEHAVIOURS,
  OID,
  unknownExtension,
  type CertificateOverrides,
  type VirtualJpki,
} from '@sekisho/virtual-jpki'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { TrustAnchors } from '../../../src/certificate/anchor/trust-anchor.ts'
import { acceptCrl } from '../../../src/certificate/revocation/crl/accept-crl.ts'
import { findEntry } from '../../../src/certificate/revocation/crl/index-crl.ts'
import { acceptOcspAnswer } from '../../../src/certificate/revocation/ocsp/accept-ocsp-answer.ts'
import { buildOcspRequest, nonceValueOf } from '../../../src/certificate/revocation/ocsp/build-ocsp-request.ts'
import { createResponderFinder } from '../../../src/certificate/revocation/ocsp/find-responder.ts'
import { DEFAULT_OCSP_RULES } from '../../../src/certificate/revocation/ocsp/ocsp-rules.ts'
import { parseCertificate } from '../../../src/certificate/x509/parse-certificate.ts'
import { anchorsOf, judgeResponse, openJpki, outcomeOf } from '../../support/certificate/court.ts'
import { createOpenssl, type Openssl } from '../../support/certificate/openssl.ts'
import {
  ocspStatusWithPkijs,
  readCrlWithPkijs,
  readWithPkijs,
  verifiesWithPkijs,
} from '../../support/certificate/pkijs-opinion.ts'
import { questionAbout } from '../../support/certificate/question.ts'

/** The clock of this machine: the openssl command has no other for OCSP. */
const now = (): Date => new Date()

let jpki: VirtualJpki
let anchors: TrustAnchors
let openssl: Openssl

beforeAll(async () => {
  jpki = await openJpki(now)
  anchors = anchorsOf(jpki)
  openssl = createOpenssl()
})

afterAll(async () => {
  await openssl.remove()
})

const hex = (octets: Uint8Array): string => Buffer.from(octets).toString('hex')

/** Serial numbers without leading zeros, as openssl prints them. */
const plain = (serialHex: string): string => serialHex.replace(/^(?:00)+(?=.)/, '').toUpperCase()

describe('a certificate: every field is read as pkijs and openssl read it', () => {
  test.each<readonly [what: string, overrides: CertificateOverrides]>([
    ['as it is', {}],
    ['a serial number of 20 octets', { serialNumber: (1n << 158n) + 12345n }],
    ['a serial number with its highest bit set', { serialNumber: 0xf0000001n }],
    ['dates after 2050', { notAfter: new Date('2061-02-03T04:05:06Z') }],
    ['an unknown extension', { addExtensions: [unknownExtension(false)] }],
    ['a P-256 key', { keyAlgorithm: 'ec-p256' }],
    ['a P-384 key', { keyAlgorithm: 'ec-p384' }],
    ['a key of 4096 bits', { keyAlgorithm: 'rsa-4096' }],
  ])('%s', async (label, overrides) => {
    const { certificateDer } = await jpki.issueAuthenticationCertificate({ label, overrides })
    const ours = parseCertificate(certificateDer)
    const theirs = readWithPkijs(certificateDer)
    expect(hex(ours.serialNumber)).toBe(theirs.serialHex)
    expect(new Date(ours.notBefore)).toEqual(theirs.notBefore)
    expect(new Date(ours.notAfter)).toEqual(theirs.notAfter)
    expect(ours.extensions.map(({ oid, critical }) => ({ oid, critical }))).toEqual(theirs.extensions)
    expect(ours.issuer.map(({ type }) => type)).toEqual(theirs.issuerTypes)
    expect(ours.subject.map(({ type }) => type)).toEqual(theirs.subjectTypes)

    const path = await openssl.file('leaf.pem', certificateDer, 'CERTIFICATE')
    const { output } = await openssl.run('x509', '-in', path, '-noout', '-serial', '-dates', '-dateopt', 'iso_8601')
    expect(output).toContain(`serial=${plain(hex(ours.serialNumber))}`)
    const iso = (ms: number): string => new Date(ms).toISOString().replace('T', ' ').replace('.000', '')
    expect(output).toContain(`notBefore=${iso(ours.notBefore)}`)
    expect(output).toContain(`notAfter=${iso(ours.notAfter)}`)
  })
})

describe('a certificate: nothing is accepted here that pkijs or openssl refuses', () => {
  /** Good and broken, and whether the other two agree with us; where they do not, they are the more lenient ones. */
  const CASES: readonly (readonly [what: string, overrides: CertificateOverrides])[] = [
    ['good', {}],
    ['good for longer', { notAfter: new Date('2055-01-01T00:00:00Z') }],
    ['a broken signature', { corruptSignature: true }],
    ['expired', { notAfter: new Date('2020-01-01T00:00:00Z'), notBefore: new Date('2019-01-01T00:00:00Z') }],
    ['not valid yet', { notBefore: new Date('2090-01-01T00:00:00Z'), notAfter: new Date('2091-01-01T00:00:00Z') }],
    ['a SHA-1 signature', { signatureAlgorithm: 'sha1WithRSA' }],
    ['algorithms that differ', { outerSignatureAlgorithm: 'sha384WithRSA' }],
    ['an unknown critical extension', { addExtensions: [unknownExtension(true)] }],
    ['serial number zero', { serialNumber: 0n }],
    ['a negative serial number', { serialNumber: -7n }],
    ['version 1', { version: 1 }],
    ['no policy', { certificatePolicies: 'absent' }],
    ['another key usage', { keyUsage: ['keyEncipherment'] }],
    ['a CA', { basicConstraints: { ca: true }, keyUsage: ['keyCertSign'] }],
    ['octets after it', { editDer: (der) => Buffer.concat([der, Buffer.from('0500', 'hex')]) }],
    ['cut short', { editDer: (der) => der.subarray(0, -20) }],
    ['an extension twice', { editExtensions: (list) => [...list, ...list.filter(({ oid }) => oid === OID.keyUsage)] }],
    [
      'an indefinite length',
      { editDer: (der) => Buffer.concat([Buffer.from('3080', 'hex'), der.subarray(4), Buffer.from('0000', 'hex')]) },
    ],
    ['a length in three octets', { editDer: (der) => Buffer.concat([Buffer.from('308300', 'hex'), der.subarray(2)]) }],
  ]
  const seen = { accepted: 0, refused: 0 }

  test.each(CASES)('%s', async (label, overrides) => {
    const issued = await jpki.issueAuthenticationCertificate({ label, overrides })
    const ours = outcomeOf(await judgeResponse(issued, { anchors, at: now() }))
    const ca = await openssl.file('ca.pem', issued.caCertificateDer, 'CERTIFICATE')
    const leaf = await openssl.file('leaf.pem', issued.certificateDer, 'CERTIFICATE')
    const { status } = await openssl.run('verify', '-x509_strict', '-CAfile', ca, leaf)
    const isSigned = await verifiesWithPkijs(issued.certificateDer, issued.caCertificateDer)
    if (ours === 'good') {
      seen.accepted += 1
      expect({ openssl: status, pkijs: isSigned }).toEqual({ openssl: 0, pkijs: true })
    } else {
      seen.refused += 1
      expect(ours).toMatch(/^CERT_/)
    }
  })

  test('there was something to accept and something to refuse', () => {
    expect(seen).toEqual({ accepted: 2, refused: CASES.length - 2 })
  })
})

describe('an OCSP answer: nothing is accepted here that openssl or pkijs reads otherwise', () => {
  const seen = { accepted: 0, refused: 0 }
  const IN_BODY = OCSP_MISBEHAVIOURS.filter(
    (name) => !['slow', 'dripping', 'oversized', 'http-500', 'redirect', 'wrong-content-type'].includes(name),
  )

  test.each(['good', 'revoked', ...IN_BODY])('%s', async (name) => {
    const isMisbehaviour = name !== 'good' && name !== 'revoked'
    const issued = await jpki.issueAuthenticationCertificate({
      label: `ocsp ${name}`,
      status:
        name === 'revoked'
          ? { status: 'revoked', at: new Date('2026-01-01T00:00:00Z'), reason: 'keyCompromise' }
          : { status: 'good' },
    })
    const question = questionAbout(issued, anchors)
    const nonceValue = nonceValueOf(randomBytes(32))
    const request = Buffer.from(buildOcspRequest(question, nonceValue))
    const answer = await jpki.respondOcsp(
      request,
      isMisbehaviour ? { misbehaviour: name as (typeof IN_BODY)[number] } : {},
    )
    const context = {
      ...question,
      nonceValue,
      rules: DEFAULT_OCSP_RULES,
      responders: createResponderFinder(),
      nowMs: now().getTime(),
    }
    const ours = acceptOcspAnswer(answer, context)
    if (typeof ours === 'string') {
      seen.refused += 1
      expect(ours).toMatch(/^ocsp-/)
      return
    }
    seen.accepted += 1
    const pkijs = await ocspStatusWithPkijs(answer, issued.certificateDer, issued.caCertificateDer)
    expect(pkijs).toBe(ours.status)
    const { status, output } = await opensslOcsp(request, answer, issued)
    expect(status).toBe(0)
    expect(output).toContain('Response verify OK')
    expect(output).toContain(`: ${ours.status}`)
  })

  test('there was something to accept and something to refuse', () => {
    expect(seen).toEqual({ accepted: 3, refused: IN_BODY.length - 1 })
  })

  test('openssl takes our request for one, and answers of its own are accepted', async () => {
    const issued = await jpki.issueAuthenticationCertificate({ label: 'asked by openssl' })
    const question = questionAbout(issued, anchors)
    const nonceValue = nonceValueOf(randomBytes(32))
    const request = await openssl.file('own.req', Buffer.from(buildOcspRequest(question, nonceValue)))
    const { output } = await openssl.run('ocsp', '-reqin', request, '-req_text')
    expect(output).toContain(`Serial Number: ${plain(hex(question.certificate.serialNumber))}`)
    expect(output).toContain(`Issuer Key Hash: ${question.issuer.keyIdHex.toUpperCase()}`)
    expect(output).toContain('OCSP Nonce')
  })

  async function opensslOcsp(
    request: Buffer,
    answer: Buffer,
    issued: { certificateDer: Buffer; caCertificateDer: Buffer },
  ) {
    const ca = await openssl.file('ca.pem', issued.caCertificateDer, 'CERTIFICATE')
    const leaf = await openssl.file('leaf.pem', issued.certificateDer, 'CERTIFICATE')
    const reqin = await openssl.file('ocsp.req', request)
    const respin = await openssl.file('ocsp.resp', answer)
    return openssl.run(
      'ocsp',
      '-reqin',
      reqin,
      '-respin',
      respin,
      '-issuer',
      ca,
      '-cert',
      leaf,
      '-CAfile',
      ca,
      '-no_nonce',
    )
  }
})

describe('a list: nothing is accepted here that openssl or pkijs refuses, and its entries are theirs', () => {
  const seen = { accepted: 0, refused: 0 }
  const IN_BODY = CRL_MISBEHAVIOURS.filter(
    (name) => !['slow', 'dripping', 'oversized', 'http-500', 'redirect', 'wrong-content-type', 'huge'].includes(name),
  )

  beforeAll(async () => {
    for (let index = 0; index < 30; index++) {
      await jpki.issueAuthenticationCertificate({
        label: `listed ${index}`,
        overrides: { serialNumber: (1n << BigInt(index * 5)) + BigInt(index + 2) },
        status: { status: 'revoked', at: new Date('2026-01-01T00:00:00Z'), reason: 'superseded' },
      })
    }
  })

  test.each(['good', 'of a municipality', 'of nobody', ...IN_BODY])('%s', async (name) => {
    const isMisbehaviour = !['good', 'of a municipality', 'of nobody'].includes(name)
    const der = await jpki.crl({
      ...(isMisbehaviour ? { misbehaviour: name as (typeof IN_BODY)[number] } : {}),
      ...(name === 'of a municipality' ? { scope: 'municipality' as const } : {}),
      ...(name === 'of nobody' ? { overrides: { entries: [] } } : {}),
    })
    const ours = acceptCrl(der, anchors.authentication)
    if (typeof ours === 'string') {
      seen.refused += 1
      expect(ours).toMatch(/^crl-/)
      return
    }
    seen.accepted += 1
    const issuer = anchors.authentication.find(({ keyIdHex }) => keyIdHex === ours.issuerKeyIdHex)!
    const theirs = await readCrlWithPkijs(der, issuer.certificate.der)
    expect(theirs?.isSigned).toBe(true)
    expect(ours.entryCount).toBe(theirs!.serialHexes.length)
    for (const serialHex of theirs!.serialHexes) {
      expect(findEntry(ours.der, ours.slots, Buffer.from(serialHex, 'hex'))).toMatchObject({
        at: expect.any(Date) as Date,
      })
    }
    const ca = await openssl.file('ca.pem', issuer.certificate.der, 'CERTIFICATE')
    const path = await openssl.file('list.pem', der, 'X509 CRL')
    const { output } = await openssl.run('crl', '-in', path, '-CAfile', ca, '-noout', '-text')
    expect(output).toContain('verify OK')
    const printed = [...output.matchAll(/Serial Number: ([0-9A-F]+)/g)].map((match) => match[1])
    expect(printed.toSorted()).toEqual(theirs!.serialHexes.map(plain).toSorted())
  })

  test('there was something to accept and something to refuse', () => {
    // dates and numbers are looked at when a list is used: expired, future, rolled-back, sibling-issuer and another point are lists
    expect(seen.accepted).toBe(3 + 5)
    expect(seen.refused).toBe(IN_BODY.length - 5)
  })
})
