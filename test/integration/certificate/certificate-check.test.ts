import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { OID, unknownExtension, type CertificateOverrides, type VirtualJpki } from '@sekisho/virtual-jpki'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { A_DAY, openJpki } from '../../support/certificate/court.ts'
import { createTempDirectory, type TempDirectory } from '../../support/temp-directory.ts'

const AT = A_DAY.toISOString()

interface Run {
  readonly exitCode: number
  readonly lines: readonly string[]
  readonly errors: string
}

interface Report {
  readonly verdict: string
  readonly code: string | null
  readonly checks: readonly { readonly check: string; readonly outcome: string }[]
}

let jpki: VirtualJpki
let directory: TempDirectory
let files = 0

beforeAll(async () => {
  jpki = await openJpki()
  directory = createTempDirectory('check')
})

afterAll(async () => {
  await directory.remove()
})

/** `npx sekisho certificate check …`, as a program of its own. */
function check(args: readonly string[], environment: Record<string, string> = {}): Promise<Run> {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, NODE_ENV: 'test', ...environment }
    execFile(
      process.execPath,
      ['bin/sekisho.js', 'certificate', 'check', ...args],
      { env, timeout: 30_000 },
      (fault, stdout, stderr) => {
        if (fault !== null && typeof fault.code !== 'number') reject(new Error('did not run', { cause: fault }))
        else
          resolve({
            exitCode: typeof fault?.code === 'number' ? fault.code : 0,
            lines: stdout.split('\n').filter((line) => line !== ''),
            errors: stderr,
          })
      },
    )
  })
}

async function file(octets: Uint8Array | string): Promise<string> {
  const path = join(directory.path, `file-${++files}`)
  await writeFile(path, octets)
  return path
}

const reportOf = ({ lines }: Run): Report => JSON.parse(lines[0] ?? '') as Report

/** A leaf and its root outside JPKI, as somebody else's suite brings them: both may be made wrong. */
async function judgePlain(
  leaf: CertificateOverrides,
  root: CertificateOverrides = {},
  more: readonly string[] = [],
): Promise<Run> {
  const authority = await jpki.makeCertificateAuthority({
    name: `outside ${root.keyAlgorithm ?? ''}`,
    purpose: 'authentication',
    overrides: root,
  })
  const issued = await jpki.issueAuthenticationCertificate({
    label: `outside ${leaf.keyAlgorithm ?? ''}`,
    authority,
    overrides: { serialNumber: 4711n, ...leaf },
  })
  const anchor = await file(issued.caCertificateDer)
  return check(['--profile', 'none', '--anchor', anchor, '--at', AT, ...more, await file(issued.certificateDer)])
}

/** Not judged without a profile: nothing of JPKI may be needed. */
const PLAIN: CertificateOverrides = {
  keyUsage: 'absent',
  extendedKeyUsage: 'absent',
  certificatePolicies: 'absent',
}

const extension = (oid: string, value: string, critical = false) => ({
  oid,
  critical,
  value: Buffer.from(value, 'hex'),
})

describe('attack 31: --profile none, one tier', () => {
  const GOOD: readonly (readonly [what: string, leaf: CertificateOverrides, root?: CertificateOverrides])[] = [
    ['RSA-2048 below RSA-2048', PLAIN],
    ['RSA-3072 below RSA-4096', { ...PLAIN, keyAlgorithm: 'rsa-3072' }, { keyAlgorithm: 'rsa-4096' }],
    ['P-256 below P-256', { ...PLAIN, keyAlgorithm: 'ec-p256' }, { keyAlgorithm: 'ec-p256' }],
    ['P-384 below P-384', { ...PLAIN, keyAlgorithm: 'ec-p384' }, { keyAlgorithm: 'ec-p384' }],
    ['P-256 below RSA', { ...PLAIN, keyAlgorithm: 'ec-p256' }],
    ['SHA-512', { ...PLAIN, signatureAlgorithm: 'sha512WithRSA' }],
    ['a path length of zero in the root', PLAIN, { basicConstraints: { ca: true, pathLength: 0 } }],
    [
      'a critical SAN in place of a subject',
      {
        ...PLAIN,
        subjectNameDer: Buffer.from('3000', 'hex'),
        addExtensions: [extension(OID.subjectAltName, '300d820b6578616d706c652e636f6d', true)],
      },
    ],
    ['a root that says nothing about key usage', PLAIN, { keyUsage: 'absent' }],
    ['a serial number of 20 octets', { ...PLAIN, serialNumber: (1n << 159n) - 1n }],
    ['an end after 2050', { ...PLAIN, notAfter: new Date('2999-12-31T23:59:59Z') }],
  ]

  test.each(GOOD.map(([what, leaf, root]) => ({ what, leaf, root })))(
    'nothing is wrong with $what',
    async ({ leaf, root }) => {
      const run = await judgePlain(leaf, root)
      // nothing was given to look into for revocation, and that is said: not "good", and not the certificate's fault
      expect(reportOf(run)).toMatchObject({ verdict: 'unchecked', code: 'REV_NOT_CONFIGURED' })
      expect(run.exitCode).toBe(2)
    },
  )

  const WRONG: readonly (readonly [
    what: string,
    code: string,
    leaf: CertificateOverrides,
    root?: CertificateOverrides,
  ])[] = [
    ['a root that is no CA', 'CERT_UNTRUSTED_ISSUER', PLAIN, { basicConstraints: { ca: false } }],
    ['a root without basicConstraints', 'CERT_UNTRUSTED_ISSUER', PLAIN, { basicConstraints: 'absent' }],
    ['a root that may not sign certificates', 'CERT_UNTRUSTED_ISSUER', PLAIN, { keyUsage: ['cRLSign'] }],
    [
      'a root with an unknown critical extension',
      'CERT_UNTRUSTED_ISSUER',
      PLAIN,
      { addExtensions: [unknownExtension(true)] },
    ],
    [
      'a root with name constraints',
      'CERT_UNTRUSTED_ISSUER',
      PLAIN,
      { addExtensions: [extension('2.5.29.30', '3000', true)] },
    ],
    ['a root of SHA-1', 'CERT_UNTRUSTED_ISSUER', PLAIN, { signatureAlgorithm: 'sha1WithRSA' }],
    ['a root with a key of 1024 bits', 'CERT_UNTRUSTED_ISSUER', PLAIN, { keyAlgorithm: 'rsa-1024' }],
    ['a root that ended', 'CERT_ISSUER_EXPIRED', PLAIN, { notAfter: new Date('2026-01-01T00:00:00Z') }],
    [
      'a root with a critical key identifier',
      'CERT_UNTRUSTED_ISSUER',
      PLAIN,
      {
        editExtensions: (list) => list.map((e) => (e.oid === OID.subjectKeyIdentifier ? { ...e, critical: true } : e)),
      },
    ],
    [
      'a root without a key identifier',
      'CERT_UNTRUSTED_ISSUER',
      PLAIN,
      { editExtensions: (list) => list.filter(({ oid }) => oid !== OID.subjectKeyIdentifier) },
    ],
    ['a nameless issuer', 'CERT_MALFORMED', { ...PLAIN, issuerNameDer: Buffer.from('3000', 'hex') }],
    [
      'no authority key identifier',
      'CERT_UNTRUSTED_ISSUER',
      { ...PLAIN, editExtensions: (list) => list.filter(({ oid }) => oid !== OID.authorityKeyIdentifier) },
    ],
    ['a CA in place of a leaf', 'CERT_IS_CA', { ...PLAIN, basicConstraints: { ca: true } }],
    ['keyCertSign without cA', 'CERT_MALFORMED', { ...PLAIN, keyUsage: ['digitalSignature', 'keyCertSign'] }],
    [
      'an unknown critical extension',
      'CERT_UNKNOWN_CRITICAL_EXTENSION',
      { ...PLAIN, addExtensions: [unknownExtension(true)] },
    ],
    [
      'policy constraints, critical',
      'CERT_UNKNOWN_CRITICAL_EXTENSION',
      { ...PLAIN, addExtensions: [extension('2.5.29.36', '3003800100', true)] },
    ],
    [
      'name constraints in the leaf',
      'CERT_UNKNOWN_CRITICAL_EXTENSION',
      { ...PLAIN, addExtensions: [extension('2.5.29.30', '3000', true)] },
    ],
    [
      'critical information access',
      'CERT_MALFORMED',
      {
        ...PLAIN,
        editExtensions: (list) => list.map((e) => (e.oid === OID.authorityInfoAccess ? { ...e, critical: true } : e)),
      },
    ],
    [
      'information access in plain text',
      'CERT_MALFORMED',
      {
        ...PLAIN,
        editExtensions: (list) =>
          list.map((e) => (e.oid === OID.authorityInfoAccess ? { ...e, value: Buffer.from('malformed') } : e)),
      },
    ],
    [
      'a SAN in plain text',
      'CERT_MALFORMED',
      { ...PLAIN, addExtensions: [{ oid: OID.subjectAltName, critical: false, value: Buffer.from('example.com') }] },
    ],
    [
      'an empty subject and a SAN that is not critical',
      'CERT_MALFORMED',
      {
        ...PLAIN,
        subjectNameDer: Buffer.from('3000', 'hex'),
        addExtensions: [extension(OID.subjectAltName, '300d820b6578616d706c652e636f6d')],
      },
    ],
    ['a serial number of zero', 'CERT_MALFORMED', { ...PLAIN, serialNumber: 0n }],
    ['a negative serial number', 'CERT_MALFORMED', { ...PLAIN, serialNumber: -1n }],
    ['a serial number of 22 octets', 'CERT_MALFORMED', { ...PLAIN, serialNumber: 1n << 170n }],
    ['version 1', 'CERT_MALFORMED', { ...PLAIN, version: 1 }],
    ['GeneralizedTime before 2050', 'CERT_MALFORMED', { ...PLAIN, timeEncoding: 'generalized' }],
    ['a SHA-1 signature', 'CERT_UNSUPPORTED_ALGORITHM', { ...PLAIN, signatureAlgorithm: 'sha1WithRSA' }],
    ['a broken signature', 'CERT_BAD_SIGNATURE', { ...PLAIN, corruptSignature: true }],
    ['an RSA key of 1024 bits', 'CERT_WEAK_KEY', { ...PLAIN, keyAlgorithm: 'rsa-1024' }],
    ['an exponent of 3', 'CERT_WEAK_KEY', { ...PLAIN, keyAlgorithm: 'rsa-2048-e3' }],
    ['an Ed25519 key', 'CERT_UNSUPPORTED_ALGORITHM', { ...PLAIN, keyAlgorithm: 'ed25519' }],
    ['expired', 'CERT_EXPIRED', { ...PLAIN, notAfter: new Date('2026-11-22T02:59:59Z') }],
    ['not valid yet', 'CERT_NOT_YET_VALID', { ...PLAIN, notBefore: new Date('2026-11-22T03:00:01Z') }],
  ]

  test.each(WRONG.map(([what, code, leaf, root]) => ({ what, code, leaf, root })))(
    '$what: $code',
    async ({ code, leaf, root }) => {
      const run = await judgePlain(leaf, root)
      expect(reportOf(run)).toMatchObject({ verdict: 'refused', code })
      expect(run.exitCode).toBe(1)
    },
  )

  test('another root', async () => {
    const stranger = await jpki.makeCertificateAuthority({ name: 'stranger', purpose: 'authentication' })
    const issued = await jpki.issueAuthenticationCertificate({ label: 'of the usual root' })
    const run = await check([
      '--profile',
      'none',
      '--anchor',
      await file(stranger.certificateDer),
      '--at',
      AT,
      await file(issued.certificateDer),
    ])
    expect(reportOf(run)).toMatchObject({ verdict: 'refused', code: 'CERT_UNTRUSTED_ISSUER' })
  })

  test.each([
    ['nothing', ''],
    ['text', 'not a certificate'],
    ['PEM of something else', '-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n'],
    ['half a certificate', '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n'],
  ])('a file with %s in it', async (_, text) => {
    const [root] = jpki.anchors.authentication
    const run = await check(['--profile', 'none', '--anchor', await file(root!.der), '--at', AT, await file(text)])
    expect(reportOf(run)).toMatchObject({ verdict: 'refused', code: 'CERT_MALFORMED' })
  })
})

describe('revocation from files', () => {
  test.each([
    ['not in the list', {}, 'good', null, 0],
    [
      'in the list',
      { status: { status: 'revoked', at: A_DAY, reason: 'keyCompromise' } },
      'refused',
      'CERT_REVOKED',
      1,
    ],
  ] as const)('%s', async (label, order, verdict, code, exitCode) => {
    const issued = await jpki.issueAuthenticationCertificate({ label, ...order })
    const anchor = await file(issued.caCertificateDer)
    const list = await file(await jpki.crl())
    const run = await check([
      '--profile',
      'none',
      '--anchor',
      anchor,
      '--crl',
      list,
      '--at',
      AT,
      await file(issued.certificateDer),
    ])
    expect(reportOf(run)).toMatchObject({ verdict, code })
    expect(run.exitCode).toBe(exitCode)
  })

  test.each([
    ['expired', 'REV_CRL_EXPIRED'],
    ['future', 'REV_CRL_FROM_THE_FUTURE'],
    ['wrong-signer', 'REV_CRL_BAD_SIGNATURE'],
    ['wrong-issuer', 'REV_CRL_WRONG_ISSUER'],
    ['delta', 'REV_CRL_DELTA'],
    ['number-absent', 'REV_CRL_MALFORMED'],
    ['next-update-absent', 'REV_CRL_MALFORMED'],
    ['unknown-critical-extension', 'REV_CRL_UNKNOWN_EXTENSION'],
    ['garbage', 'REV_CRL_MALFORMED'],
  ] as const)('attack 34: a list that is %s: %s', async (misbehaviour, code) => {
    const issued = await jpki.issueAuthenticationCertificate({ label: 'looked up' })
    const anchor = await file(issued.caCertificateDer)
    const list = await file(await jpki.crl({ misbehaviour }))
    const run = await check([
      '--profile',
      'none',
      '--anchor',
      anchor,
      '--crl',
      list,
      '--at',
      AT,
      await file(issued.certificateDer),
    ])
    expect(reportOf(run)).toMatchObject({ verdict: 'refused', code })
  })

  test('one good list among bad ones is enough', async () => {
    const issued = await jpki.issueAuthenticationCertificate({ label: 'among' })
    const lists = [
      await jpki.crl({ misbehaviour: 'wrong-issuer' }),
      await jpki.crl(),
      await jpki.crl({ generation: 2 }),
    ]
    const options = (await Promise.all(lists.map(file))).flatMap((path) => ['--crl', path])
    const run = await check([
      '--profile',
      'none',
      '--anchor',
      await file(issued.caCertificateDer),
      ...options,
      '--at',
      AT,
      await file(issued.certificateDer),
    ])
    expect(reportOf(run)).toMatchObject({ verdict: 'good', code: null })
    expect(run.exitCode).toBe(0)
  })
})

describe('--profile jpki', () => {
  const withVirtual = async (): Promise<readonly string[]> => {
    const roots = [...jpki.anchors.authentication, ...jpki.anchors.signature]
    return (await Promise.all(roots.map(({ pem }) => file(pem)))).flatMap((path) => ['--anchor', path])
  }

  test('a virtual card below the roots of this installation', async () => {
    const taro = (await jpki.card('taro')).authentication
    const run = await check(['--at', AT, await file(taro.certificateDer)])
    expect(reportOf(run)).toMatchObject({ verdict: 'refused', code: 'CERT_UNTRUSTED_ISSUER' })
  })

  test('below its own: every check is made', async () => {
    const taro = (await jpki.card('taro')).authentication
    const run = await check([
      ...(await withVirtual()),
      '--crl',
      await file(await jpki.crl()),
      '--at',
      AT,
      await file(taro.certificateDer),
    ])
    const { verdict, checks } = reportOf(run)
    expect(verdict).toBe('good')
    expect(checks.filter(({ outcome }) => outcome !== 'passed')).toEqual([
      { check: 'transcript', outcome: 'unchecked' },
    ])
  })

  test('attack 26: a signature certificate is recognised, and good for what it is', async () => {
    const issued = await jpki.issueSignatureCertificate({ label: 'for signing' })
    const leaf = await file(issued.certificateDer)
    const anchors = await withVirtual()
    expect(reportOf(await check([...anchors, '--at', AT, leaf]))).toMatchObject({
      verdict: 'refused',
      code: 'CERT_WRONG_PURPOSE',
    })
    expect(reportOf(await check([...anchors, '--purpose', 'signature', '--at', AT, leaf]))).toMatchObject({
      verdict: 'unchecked',
    })
  })

  test('in production virtual roots count for nothing', async () => {
    const taro = (await jpki.card('taro')).authentication
    const args = [...(await withVirtual()), '--at', AT, await file(taro.certificateDer)]
    const run = await check(args, { NODE_ENV: 'production' })
    expect(reportOf(run)).toMatchObject({ verdict: 'refused', code: 'CERT_UNTRUSTED_ISSUER' })
    expect(run.errors).toContain('virtual')
    const unsafe = await check(args, { NODE_ENV: 'production', UNSAFE_TRUST_VIRTUAL_JPKI: '1' })
    expect(reportOf(unsafe)).toMatchObject({ verdict: 'unchecked' })
  })
})

describe('what is printed', () => {
  test('one line of JSON without serial number and subject, unless asked for', async () => {
    const issued = await jpki.issueAuthenticationCertificate({ label: 'private' })
    const args = [
      '--profile',
      'none',
      '--anchor',
      await file(issued.caCertificateDer),
      '--at',
      AT,
      await file(issued.certificateDer),
    ]
    const serial = issued.serialNumber.toString(16)
    const run = await check(args)
    expect(run.lines).toHaveLength(1)
    expect(Object.keys(reportOf(run))).toEqual(['verdict', 'code', 'checks'])
    expect(run.lines[0]).not.toContain(serial)
    expect((await check(['--show-identifiers', ...args])).lines[0]).toContain(serial)
  })

  test.each([
    ['a file that is not there', ['/nonexistent/leaf.pem'], 66],
    ['a directory', ['src'], 66],
    ['a time without its offset', ['--at', '2026-11-22T03:00:00', 'leaf.pem'], 1],
    ['an unknown purpose', ['--purpose', 'encryption', 'leaf.pem'], 1],
    ['no file', [], 1],
  ])('%s is a mistake on the command line: no verdict', async (_, args, exitCode) => {
    const run = await check(args)
    expect(run.lines).toEqual([])
    expect(run.exitCode).toBe(exitCode)
    expect(run.errors).toContain('error:')
  })
})
