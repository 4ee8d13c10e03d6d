import { generateKeyPairSync } from 'node:crypto'
import { OID, unknownExtension, type CertificateOverrides, type VirtualJpki } from '@sekisho/virtual-jpki'
import { beforeAll, describe, expect, test } from 'vitest'
import { loadTrustAnchors } from '../../../src/certificate/anchor/load-trust-anchors.ts'
import type { TrustAnchors } from '../../../src/certificate/anchor/trust-anchor.ts'
import { CERTIFICATE_CHECKS } from '../../../src/certificate/checks/certificate-checks.ts'
import { EC_P384 } from '../../../src/certificate/profile/key-rules.ts'
import { jpkiAuthenticationProfile } from '../../../src/certificate/profile/jpki-profiles.ts'
import {
  A_DAY,
  A_TRANSCRIPT,
  anchorsOf,
  judgeResponse,
  neverAsked,
  openJpki,
  outcomeOf,
  signTranscript,
} from '../../support/certificate/court.ts'

let jpki: VirtualJpki
let anchors: TrustAnchors

beforeAll(async () => {
  jpki = await openJpki()
  anchors = anchorsOf(jpki)
})

test('the checks stand in the order of design.md §7', () => {
  expect(CERTIFICATE_CHECKS.map(({ name }) => name)).toEqual([
    'parse',
    'size',
    'not-ca',
    'issuer',
    'signature',
    'validity',
    'purpose',
    'key-usage',
    'extended-key-usage',
    'policy',
    'subject',
    'critical-extensions',
    'key-algorithm',
    'transcript',
    'revocation',
  ])
})

/** What is changed in an otherwise perfect certificate, and how that is refused. */
const BROKEN: readonly (readonly [what: string, code: string, overrides: CertificateOverrides])[] = [
  ['octets after it', 'CERT_MALFORMED', { editDer: (der) => Buffer.concat([der, Buffer.from([0])]) }],
  ['cut short', 'CERT_MALFORMED', { editDer: (der) => der.subarray(0, -1) }],
  ['empty', 'CERT_MALFORMED', { editDer: () => Buffer.alloc(0) }],
  ['version 1', 'CERT_MALFORMED', { version: 1 }],
  ['version 2', 'CERT_MALFORMED', { version: 2 }],
  ['serial number zero', 'CERT_MALFORMED', { serialNumber: 0n }],
  ['a negative serial number', 'CERT_MALFORMED', { serialNumber: -5n }],
  ['a serial number of 21 octets', 'CERT_MALFORMED', { serialNumber: 1n << 160n }],
  ['algorithms inside and outside that differ', 'CERT_MALFORMED', { outerSignatureAlgorithm: 'sha384WithRSA' }],
  ['an empty issuer', 'CERT_MALFORMED', { issuerNameDer: Buffer.from('3000', 'hex') }],
  ['an empty subject without a critical SAN', 'CERT_MALFORMED', { subjectNameDer: Buffer.from('3000', 'hex') }],
  [
    'a critical SAN beside a subject',
    'CERT_MALFORMED',
    { addExtensions: [{ oid: OID.subjectAltName, critical: true, value: Buffer.from('30048202616a', 'hex') }] },
  ],
  ['no key usage bit', 'CERT_MALFORMED', { keyUsage: [] }],
  [
    'an extension that stands there twice',
    'CERT_MALFORMED',
    { editExtensions: (list) => [...list, ...list.filter(({ oid }) => oid === OID.keyUsage)] },
  ],
  [
    'a critical authority key identifier',
    'CERT_MALFORMED',
    {
      editExtensions: (list) => list.map((e) => (e.oid === OID.authorityKeyIdentifier ? { ...e, critical: true } : e)),
    },
  ],
  ['GeneralizedTime before 2050 (attack 36)', 'CERT_MALFORMED', { timeEncoding: 'generalized' }],
  [
    'longer than any certificate of this kind',
    'CERT_TOO_LARGE',
    { addExtensions: [{ ...unknownExtension(false), value: Buffer.alloc(4096) }] },
  ],
  ['a certificate of a CA', 'CERT_IS_CA', { basicConstraints: { ca: true }, keyUsage: ['keyCertSign', 'cRLSign'] }],
  ['the right to sign CRLs', 'CERT_IS_CA', { keyUsage: ['digitalSignature', 'cRLSign'] }],
  ['a broken signature', 'CERT_BAD_SIGNATURE', { corruptSignature: true }],
  ['a SHA-1 signature', 'CERT_UNSUPPORTED_ALGORITHM', { signatureAlgorithm: 'sha1WithRSA' }],
  ['SHA-384 where JPKI has SHA-256', 'CERT_UNSUPPORTED_ALGORITHM', { signatureAlgorithm: 'sha384WithRSA' }],
  ['no key usage', 'CERT_WRONG_KEY_USAGE', { keyUsage: 'absent' }],
  ['a key usage that is not critical', 'CERT_WRONG_KEY_USAGE', { keyUsageCritical: false }],
  ['another key usage', 'CERT_WRONG_KEY_USAGE', { keyUsage: ['keyEncipherment'] }],
  ['one key usage too many', 'CERT_WRONG_KEY_USAGE', { keyUsage: ['digitalSignature', 'nonRepudiation'] }],
  ['no extended key usage', 'CERT_WRONG_EXTENDED_KEY_USAGE', { extendedKeyUsage: 'absent' }],
  ['server authentication', 'CERT_WRONG_EXTENDED_KEY_USAGE', { extendedKeyUsage: [OID.serverAuth] }],
  ['any extended key usage', 'CERT_WRONG_EXTENDED_KEY_USAGE', { extendedKeyUsage: ['2.5.29.37.0'] }],
  ['no policy', 'CERT_WRONG_POLICY', { certificatePolicies: 'absent' }],
  ['any policy', 'CERT_WRONG_POLICY', { certificatePolicies: ['2.5.29.32.0'] }],
  ['another policy', 'CERT_WRONG_POLICY', { certificatePolicies: ['1.2.392.200149.8.5.1.3.31'] }],
  [
    'attack 26: the policy of a signature certificate',
    'CERT_WRONG_PURPOSE',
    { certificatePolicies: [OID.signaturePolicy] },
  ],
  [
    'attack 26: both policies',
    'CERT_WRONG_PURPOSE',
    { certificatePolicies: [OID.authenticationPolicy, OID.signaturePolicy] },
  ],
  ['an unknown critical extension', 'CERT_UNKNOWN_CRITICAL_EXTENSION', { addExtensions: [unknownExtension(true)] }],
  ['attack 25: an RSA key of 1024 bits', 'CERT_WEAK_KEY', { publicKeyDer: rsaKey(1024) }],
  ['an RSA key of 3072 bits, which no card has', 'CERT_WEAK_KEY', { publicKeyDer: rsaKey(3072) }],
  ['attack 25: an exponent of 3', 'CERT_WEAK_KEY', { publicKeyDer: rsaKey(2048, 3) }],
  ['a P-384 key before its time', 'CERT_UNSUPPORTED_ALGORITHM', { publicKeyDer: ecKey('P-384') }],
  ['a P-256 key', 'CERT_UNSUPPORTED_ALGORITHM', { publicKeyDer: ecKey('P-256') }],
]

test.each(BROKEN)('%s is refused as %s, and nobody is asked about it', async (_, code, overrides) => {
  const issued = await jpki.issueAuthenticationCertificate({
    label: 'broken',
    overrides: { serialNumber: 77n, ...overrides },
  })
  const judgement = await judgeResponse(issued, { anchors, revocation: neverAsked })
  expect(outcomeOf(judgement)).toBe(code)
  expect(judgement.checks.at(-1)?.outcome).toBe('refused')
  expect(judgement.checks.slice(0, -1).every(({ outcome }) => outcome === 'passed')).toBe(true)
})

describe('attack 26: whose key, whose certificate', () => {
  test('certificate A with a signature by key B', async () => {
    const taro = (await jpki.card('taro')).authentication
    const hanako = (await jpki.card('hanako')).authentication
    const judgement = await judgeResponse(
      { ...taro, privateKey: hanako.privateKey },
      { anchors, revocation: neverAsked },
    )
    expect(outcomeOf(judgement)).toBe('CERT_TRANSCRIPT_MISMATCH')
  })

  test('a signature over another transcript', async () => {
    const taro = (await jpki.card('taro')).authentication
    const unverifiedSignature = signTranscript(taro.privateKey, Buffer.alloc(128, 'another'))
    const judgement = await judgeResponse(taro, { anchors, revocation: neverAsked }, { unverifiedSignature })
    expect(outcomeOf(judgement)).toBe('CERT_TRANSCRIPT_MISMATCH')
  })

  test('an algorithm that the key does not have', async () => {
    const taro = (await jpki.card('taro')).authentication
    const judgement = await judgeResponse(taro, { anchors, revocation: neverAsked }, { algorithm: 'ES384' })
    expect(outcomeOf(judgement)).toBe('CERT_TRANSCRIPT_MISMATCH')
  })

  test('a signature certificate, whose issuer stands only in the other store', async () => {
    const issued = await jpki.issueSignatureCertificate({ label: 'signer' })
    expect(outcomeOf(await judgeResponse(issued, { anchors, revocation: neverAsked }))).toBe('CERT_WRONG_PURPOSE')
    const withoutStore = { ...anchors, signature: [] }
    expect(outcomeOf(await judgeResponse(issued, { anchors: withoutStore, revocation: neverAsked }))).toBe(
      'CERT_UNTRUSTED_ISSUER',
    )
  })

  test('a stranger that uses the name of the CA and claims its key', async () => {
    const authority = jpki.authority('authentication', 3)
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const issued = await jpki.issueAuthenticationCertificate({
      label: 'forged',
      authority,
      overrides: { signingKey: privateKey },
    })
    expect(outcomeOf(await judgeResponse(issued, { anchors, revocation: neverAsked }))).toBe('CERT_BAD_SIGNATURE')
  })

  test('a self-made certificate with the serial number of somebody else', async () => {
    const stranger = await jpki.makeCertificateAuthority({
      name: 'authentication-self-made',
      purpose: 'authentication',
    })
    const issued = await jpki.issueAuthenticationCertificate({
      label: 'self-made',
      authority: stranger,
      overrides: { serialNumber: 5n },
    })
    expect(outcomeOf(await judgeResponse(issued, { anchors, revocation: neverAsked }))).toBe('CERT_UNTRUSTED_ISSUER')
  })

  test('another issuer name over the right key identifier', async () => {
    const issuerNameDer = jpki.authority('signature', 3).nameDer
    const issued = await jpki.issueAuthenticationCertificate({ label: 'renamed', overrides: { issuerNameDer } })
    expect(outcomeOf(await judgeResponse(issued, { anchors, revocation: neverAsked }))).toBe('CERT_UNTRUSTED_ISSUER')
  })
})

describe('attack 36: the edges of validity', () => {
  const notBefore = new Date('2026-02-28T15:00:00Z')
  const notAfter = new Date('2028-02-29T14:59:59Z')

  test.each([
    ['2026-02-28T14:59:59.999Z', 'CERT_NOT_YET_VALID'],
    ['2026-02-28T15:00:00.000Z', 'good'],
    ['2028-02-29T14:59:59.000Z', 'good'],
    ['2028-02-29T14:59:59.999Z', 'good'],
    ['2028-02-29T15:00:00.000Z', 'CERT_EXPIRED'],
  ])('at %s a certificate that ends on a leap day at 23:59:59 in Japan is %s', async (at, outcome) => {
    const issued = await jpki.issueAuthenticationCertificate({
      label: 'edge',
      overrides: { notBefore, notAfter, serialNumber: 88n },
    })
    expect(outcomeOf(await judgeResponse(issued, { anchors, at: new Date(at) }))).toBe(outcome)
  })

  test('a certificate that outlives its CA ends with it', async () => {
    const authority = jpki.authority('authentication', 1)
    const issued = await jpki.issueAuthenticationCertificate({
      label: 'outlives',
      authority,
      overrides: { notBefore: new Date('2024-01-01T00:00:00Z'), notAfter: new Date('2027-01-01T00:00:00Z') },
    })
    expect(outcomeOf(await judgeResponse(issued, { anchors, revocation: neverAsked }))).toBe('CERT_ISSUER_EXPIRED')
    expect(outcomeOf(await judgeResponse(issued, { anchors, at: new Date('2025-06-01T00:00:00Z') }))).toBe('good')
  })
})

describe('attack 35: anchors come and go', () => {
  test('a root that was renewed with its key: the certificate that is valid now vouches, in whatever order they stand', async () => {
    const name = 'authentication-renewed'
    const [old, renewed] = await Promise.all([
      jpki.makeCertificateAuthority({
        name,
        purpose: 'authentication',
        overrides: { notAfter: new Date('2026-01-01T00:00:00Z') },
      }),
      jpki.makeCertificateAuthority({ name, purpose: 'authentication', overrides: { serialNumber: 9n } }),
    ])
    const issued = await jpki.issueAuthenticationCertificate({ label: 'of a renewed root', authority: old })
    const load = (...ders: readonly Buffer[]): TrustAnchors =>
      loadTrustAnchors({
        authentication: ders.map((der, index) => ({ name: `${index}`, der })),
        signature: [],
        trustVirtual: true,
      })
    const both = [old.certificateDer, renewed.certificateDer]
    expect(outcomeOf(await judgeResponse(issued, { anchors: load(...both) }))).toBe('good')
    expect(outcomeOf(await judgeResponse(issued, { anchors: load(...both.toReversed()) }))).toBe('good')
    expect(outcomeOf(await judgeResponse(issued, { anchors: load(old.certificateDer) }))).toBe('CERT_ISSUER_EXPIRED')
  })

  test('two generations side by side, then the older one alone is taken away', async () => {
    const taro = (await jpki.card('taro')).authentication
    const hanako = (await jpki.card('hanako')).authentication
    expect(outcomeOf(await judgeResponse(taro, { anchors }))).toBe('good')
    expect(outcomeOf(await judgeResponse(hanako, { anchors }))).toBe('good')
    const keyOfSecond = Buffer.from(jpki.authority('authentication', 2).keyId).toString('hex')
    const left = {
      ...anchors,
      authentication: anchors.authentication.filter(({ keyIdHex }) => keyIdHex !== keyOfSecond),
    }
    expect(outcomeOf(await judgeResponse(taro, { anchors: left }))).toBe('good')
    expect(outcomeOf(await judgeResponse(hanako, { anchors: left }))).toBe('CERT_UNTRUSTED_ISSUER')
  })
})

test('the next card is one entry: P-384, signed by a P-384 CA, ES384 over the transcript', async () => {
  const authority = await jpki.makeCertificateAuthority({
    name: 'authentication-p384',
    purpose: 'authentication',
    overrides: { keyAlgorithm: 'ec-p384' },
  })
  const issued = await jpki.issueAuthenticationCertificate({
    label: 'p384',
    authority,
    overrides: { keyAlgorithm: 'ec-p384' },
  })
  const next = loadTrustAnchors({
    authentication: [{ name: 'next', der: authority.certificateDer }],
    signature: [],
    trustVirtual: true,
  })
  const profile = jpkiAuthenticationProfile({ additionalKeys: [EC_P384] })
  expect(outcomeOf(await judgeResponse(issued, { anchors: next, profile }))).toBe('good')
  expect(outcomeOf(await judgeResponse(issued, { anchors: next }))).toBe('CERT_UNSUPPORTED_ALGORITHM')
  const swapped = Buffer.alloc(96)
  expect(outcomeOf(await judgeResponse(issued, { anchors: next, profile }, { unverifiedSignature: swapped }))).toBe(
    'CERT_TRANSCRIPT_MISMATCH',
  )
})

test('phone certificates are one entry, another policy, and are told apart by it', async () => {
  const policy = '1.2.392.200149.8.5.1.3.99'
  const issued = await jpki.issueAuthenticationCertificate({
    label: 'phone',
    overrides: { certificatePolicies: [policy] },
  })
  const profile = jpkiAuthenticationProfile({ phonePolicies: [policy] })
  expect(outcomeOf(await judgeResponse(issued, { anchors }))).toBe('CERT_WRONG_POLICY')
  expect(await judgeResponse(issued, { anchors, profile })).toMatchObject({
    verdict: 'good',
    identity: { medium: 'phone' },
  })
  const card = await jpki.issueAuthenticationCertificate({ label: 'card beside a phone' })
  expect(await judgeResponse(card, { anchors, profile })).toMatchObject({
    verdict: 'good',
    identity: { medium: 'card' },
  })
})

test('a good judgement holds what finds the account, and nothing else', async () => {
  const issued = await jpki.issueAuthenticationCertificate({ label: 'good' })
  const judgement = await judgeResponse(issued, { anchors })
  if (judgement.verdict !== 'good') throw new Error(outcomeOf(judgement))
  const { identity, checks, revocation } = judgement
  const authority = jpki.authority('authentication', 3)
  expect(Buffer.from(identity.issuerNameDer).equals(authority.nameDer)).toBe(true)
  expect(Buffer.from(identity.issuerKeyId).equals(authority.keyId)).toBe(true)
  expect(BigInt(`0x${Buffer.from(identity.serialNumber).toString('hex')}`)).toBe(issued.serialNumber)
  expect(Object.keys(identity).toSorted()).toEqual([
    'issuerKeyId',
    'issuerNameDer',
    'medium',
    'notAfter',
    'publicKeyDer',
    'serialNumber',
  ])
  expect(checks.every(({ outcome }) => outcome === 'passed')).toBe(true)
  expect(checks).toHaveLength(CERTIFICATE_CHECKS.length)
  expect(revocation.checkedAt).toEqual(A_DAY)
  expect(A_TRANSCRIPT).toHaveLength(128)
})

function rsaKey(modulusLength: number, publicExponent = 65537): Buffer {
  return generateKeyPairSync('rsa', { modulusLength, publicExponent }).publicKey.export({ format: 'der', type: 'spki' })
}

function ecKey(namedCurve: string): Buffer {
  return generateKeyPairSync('ec', { namedCurve }).publicKey.export({ format: 'der', type: 'spki' })
}
