import { readdirSync, readFileSync } from 'node:fs'
import { encodeName, unknownExtension, type CertificateOverrides, type VirtualJpki } from '@sekisho/virtual-jpki'
import { beforeAll, describe, expect, test } from 'vitest'
import { TrustAnchorsRefused } from '../../../src/certificate/anchor/anchor-fault.ts'
import { describeAnchorReadiness } from '../../../src/certificate/anchor/anchor-readiness.ts'
import { decodePemOrDer } from '../../../src/certificate/anchor/decode-pem.ts'
import {
  loadTrustAnchors,
  virtualAnchorsAllowed,
  type TrustAnchorFiles,
} from '../../../src/certificate/anchor/load-trust-anchors.ts'
import { PUBLISHED_GENERATIONS } from '../../../src/certificate/anchor/published-generations.ts'
import { readAnchor } from '../../../src/certificate/anchor/read-anchor.ts'
import type { AnchorFile } from '../../../src/certificate/anchor/trust-anchor.ts'
import { plainProfile } from '../../../src/certificate/profile/plain-profile.ts'
import { openJpki } from '../../support/certificate/court.ts'

const TRUST = new URL('../../../trust/jpki/', import.meta.url)

const readFolder = (folder: string): readonly AnchorFile[] =>
  readdirSync(new URL(folder, TRUST)).flatMap((name) =>
    decodePemOrDer(readFileSync(new URL(`${folder}/${name}`, TRUST)), 'CERTIFICATE').map((der) => ({ name, der })),
  )

/** What the loader says against files; empty when it takes them. */
function faultsOf(files: Partial<TrustAnchorFiles>): readonly string[] {
  try {
    loadTrustAnchors({ authentication: [], signature: [], trustVirtual: true, ...files })
    return []
  } catch (error) {
    if (!(error instanceof TrustAnchorsRefused)) throw error
    return error.faults.map(({ reason }) => reason)
  }
}

let jpki: VirtualJpki

beforeAll(async () => {
  jpki = await openJpki()
})

describe('attack 35: what may become an anchor', () => {
  const BROKEN: readonly (readonly [what: string, reason: string, overrides: CertificateOverrides])[] = [
    ['octets after it', 'malformed', { editDer: (der) => Buffer.concat([der, Buffer.from([0])]) }],
    ['no basicConstraints', 'malformed', { basicConstraints: 'absent' }],
    ['not a CA', 'malformed', { basicConstraints: { ca: false } }],
    ['no key usage', 'cannot-sign', { keyUsage: 'absent' }],
    ['a key usage that signs nothing', 'cannot-sign', { keyUsage: ['digitalSignature'] }],
    ['no right to sign lists', 'cannot-sign', { keyUsage: ['keyCertSign'] }],
    [
      'no key identifier',
      'no-key-identifier',
      { editExtensions: (list) => list.filter(({ oid }) => oid !== '2.5.29.14') },
    ],
    [
      'a key identifier that is not that of the key',
      'wrong-key-identifier',
      {
        editExtensions: (list) =>
          list.map((e) => (e.oid === '2.5.29.14' ? { ...e, value: Buffer.from(`0414${'42'.repeat(20)}`, 'hex') } : e)),
      },
    ],
    ['a broken signature of its own', 'bad-self-signature', { corruptSignature: true }],
    ['a SHA-1 signature', 'weak-signature-algorithm', { signatureAlgorithm: 'sha1WithRSA' }],
    ['a key of 1024 bits', 'weak-key', { keyAlgorithm: 'rsa-1024' }],
    ['an exponent of 3', 'weak-key', { keyAlgorithm: 'rsa-2048-e3' }],
    ['an unknown critical extension', 'unknown-critical-extension', { addExtensions: [unknownExtension(true)] }],
    [
      'name constraints, which nobody here enforces',
      'constrained',
      { addExtensions: [{ oid: '2.5.29.30', critical: true, value: Buffer.from('3000', 'hex') }] },
    ],
    [
      'the name of another organisation unit',
      'wrong-purpose',
      {
        subjectNameDer: encodeName([
          ['C', 'JP'],
          ['O', 'JPKI-VIRTUAL'],
          ['OU', 'JPKI for something else'],
        ]),
      },
    ],
    [
      'the name of JPKI over a key that JPKI never published',
      'not-published',
      {
        subjectNameDer: encodeName([
          ['C', 'JP'],
          ['O', 'JPKI'],
          ['OU', 'JPKI for user authentication'],
        ]),
      },
    ],
  ]

  test.each(BROKEN)('%s: %s', async (_, reason, overrides) => {
    const { certificateDer } = await jpki.makeCertificateAuthority({
      name: `anchor ${overrides.keyAlgorithm ?? ''}`,
      purpose: 'authentication',
      overrides,
    })
    expect(faultsOf({ authentication: [{ name: 'broken', der: certificateDer }] })).toEqual([reason])
  })

  test('a root of the other purpose', () => {
    expect(faultsOf({ authentication: jpki.anchors.signature })).toEqual([
      'wrong-purpose',
      'wrong-purpose',
      'wrong-purpose',
    ])
    expect(faultsOf({ authentication: readFolder('signature') })).toEqual([
      'wrong-purpose',
      'wrong-purpose',
      'wrong-purpose',
    ])
  })

  test('a leaf', async () => {
    const { certificateDer } = await jpki.issueAuthenticationCertificate({ label: 'leaf' })
    expect(faultsOf({ authentication: [{ name: 'leaf', der: certificateDer }] })).toEqual(['not-a-ca'])
  })

  test('every fault is told at once, with the name of the file', () => {
    const load = (): unknown =>
      loadTrustAnchors({
        authentication: [{ name: 'a.pem', der: Buffer.from('nothing') }],
        signature: [{ name: 'b.pem', der: new Uint8Array() }],
        trustVirtual: true,
      })
    expect(load).toThrow('a.pem: malformed; b.pem: malformed')
  })

  test('a published key identifier on a root of the right name and another fingerprint', () => {
    const [first] = readFolder('authentication')
    const changed = Buffer.from(first!.der)
    // the serial number 1 becomes 2: same key, same identifier, and the signature does not hold any more
    changed[changed.indexOf(Buffer.from('020101', 'hex')) + 2] = 2
    expect(faultsOf({ authentication: [{ name: 'changed', der: changed }] })).toEqual(['bad-self-signature'])
  })
})

describe('virtual anchors', () => {
  test('are refused in production', () => {
    expect(virtualAnchorsAllowed({ NODE_ENV: 'production' })).toBe(false)
    expect(virtualAnchorsAllowed({ NODE_ENV: 'production', UNSAFE_TRUST_VIRTUAL_JPKI: '0' })).toBe(false)
    expect(virtualAnchorsAllowed({ NODE_ENV: 'production', UNSAFE_TRUST_VIRTUAL_JPKI: '1' })).toBe(true)
    expect(virtualAnchorsAllowed({})).toBe(true)
    expect(faultsOf({ ...jpki.anchors, trustVirtual: false })).toEqual(Array(6).fill('virtual'))
  })

  test('are recognised by their organisation', () => {
    const anchors = loadTrustAnchors({ ...jpki.anchors, trustVirtual: true })
    expect([...anchors.authentication, ...anchors.signature].every(({ isVirtual }) => isVirtual)).toBe(true)
  })
})

describe('the roots of JPKI in trust/jpki', () => {
  const anchors = loadTrustAnchors({
    authentication: readFolder('authentication'),
    signature: readFolder('signature'),
    trustVirtual: false,
  })

  test('are those that were published, by identifier and fingerprint, and none is missing but authca02', () => {
    const here = [...anchors.authentication, ...anchors.signature].map(({ keyIdHex, fingerprint, purpose }) => [
      purpose,
      keyIdHex,
      fingerprint,
    ])
    const published = PUBLISHED_GENERATIONS.filter(({ name }) => name !== 'authca02')
    expect(here.toSorted()).toEqual(
      published.map(({ purpose, keyId, fingerprint }) => [purpose, keyId, fingerprint]).toSorted(),
    )
  })

  test('are described in the README as they are', () => {
    const readme = readFileSync(new URL('README.md', TRUST), 'utf8')
    for (const { keyIdHex, fingerprint, certificate } of [...anchors.authentication, ...anchors.signature]) {
      const line = readme.split('\n').find((text) => text.includes(fingerprint)) ?? ''
      expect(line.replaceAll(':', '').toLowerCase()).toContain(keyIdHex)
      expect(line).toContain(new Date(certificate.notBefore).toISOString().slice(0, 10))
      expect(line).toContain(new Date(certificate.notAfter).toISOString().slice(0, 10))
    }
  })
})

describe('a plain root', () => {
  const plain = plainProfile('authentication')
  const withAki = (value: string): CertificateOverrides => ({
    addExtensions: [{ oid: '2.5.29.35', critical: false, value: Buffer.from(value, 'hex') }],
  })

  test.each<readonly [what: string, reason: string, overrides: CertificateOverrides]>([
    ['the identifier of another key', 'wrong-key-identifier', withAki(`30168014${'42'.repeat(20)}`)],
    ['an authority key identifier without a key', 'wrong-key-identifier', withAki('3000')],
    ['no word about who signed it', 'no-key-identifier', { issuerNameDer: encodeName([['CN', 'somebody else']]) }],
    [
      'a purpose of its own',
      'constrained',
      { addExtensions: [{ oid: '2.5.29.37', critical: false, value: Buffer.from('300a06082b06010505070302', 'hex') }] },
    ],
    ['a key usage that signs nothing', 'cannot-sign', { keyUsage: ['digitalSignature'] }],
  ])('is refused with %s', async (_, reason, overrides) => {
    const { certificateDer } = await jpki.makeCertificateAuthority({
      name: 'plain',
      purpose: 'authentication',
      overrides,
    })
    expect(readAnchor({ name: 'plain', der: certificateDer }, plain)).toBe(reason)
  })

  test('may say nothing about key usage (RFC 5280 §6.1.4 (n))', async () => {
    const overrides = { keyUsage: 'absent' } as const
    const { certificateDer } = await jpki.makeCertificateAuthority({
      name: 'plain',
      purpose: 'authentication',
      overrides,
    })
    expect(readAnchor({ name: 'plain', der: certificateDer }, plain)).toMatchObject({ name: 'plain' })
  })

  test('need not be self-signed: whoever names it trusts it', async () => {
    const [root] = jpki.anchors.authentication
    const renamed = await jpki.makeCertificateAuthority({
      name: 'authentication-cross',
      purpose: 'authentication',
      overrides: { issuerNameDer: encodeName([['CN', 'somebody else']]), ...withAki(`30168014${'42'.repeat(20)}`) },
    })
    expect(readAnchor({ name: 'root', der: root!.der }, plainProfile('authentication'))).toMatchObject({ name: 'root' })
    expect(readAnchor({ name: 'cross', der: renamed.certificateDer }, plainProfile('authentication'))).toMatchObject({
      name: 'cross',
    })
    expect(faultsOf({ authentication: [{ name: 'cross', der: renamed.certificateDer }] })).toEqual(['not-self-issued'])
  })
})

describe('readiness', () => {
  test.each([
    ['2026-11-22T00:00:00Z', 'ready'],
    ['2033-06-15T14:59:59Z', 'ready'],
    ['2033-06-15T15:00:00Z', 'ending'],
    ['2033-07-15T14:59:59Z', 'ending'],
    ['2033-07-15T15:00:00Z', 'unready'],
    ['2014-01-01T00:00:00Z', 'unready'],
  ])('with the roots of JPKI at %s: %s', (at, state) => {
    const anchors = loadTrustAnchors({
      authentication: readFolder('authentication'),
      signature: [],
      trustVirtual: false,
    })
    expect(describeAnchorReadiness(anchors, 'authentication', new Date(at)).state).toBe(state)
  })

  test('without any root nobody can log in', () => {
    const none = { authentication: [], signature: [] }
    expect(describeAnchorReadiness(none, 'authentication', new Date('2026-11-22T00:00:00Z')).state).toBe('unready')
  })
})
