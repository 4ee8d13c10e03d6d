import { execFileSync } from 'node:child_process'
import { randomBytes, X509Certificate } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { decodePemOrDer } from '../../../src/certificate/anchor/decode-pem.ts'
import { readAnchor } from '../../../src/certificate/anchor/read-anchor.ts'
import type { TrustAnchor } from '../../../src/certificate/anchor/trust-anchor.ts'
import { runChecks } from '../../../src/certificate/checks/run-checks.ts'
import { plainProfile } from '../../../src/certificate/profile/plain-profile.ts'
import { acceptCrl } from '../../../src/certificate/revocation/crl/accept-crl.ts'
import { createCrlShelf } from '../../../src/certificate/revocation/crl/crl-shelf.ts'
import { createCrlSource } from '../../../src/certificate/revocation/crl/create-crl-source.ts'
import { createOcspSource } from '../../../src/certificate/revocation/ocsp/create-ocsp-source.ts'
import { DEFAULT_OCSP_RULES } from '../../../src/certificate/revocation/ocsp/ocsp-rules.ts'
import type { RevocationSource } from '../../../src/certificate/revocation/revocation-source.ts'
import { outcomeOf } from '../../support/certificate/court.ts'
import { createTempDirectory, type TempDirectory } from '../../support/temp-directory.ts'

/** openssl stamps what it makes with the clock of this machine. */
const now = (): Date => new Date()

const CONFIG = `
[ca]
default_ca = here
[here]
database = index.txt
new_certs_dir = .
serial = serial
crlnumber = crlnumber
default_md = sha256
policy = any
default_days = 30
default_crl_days = 2
crl_extensions = crl_ext
unique_subject = no
[any]
commonName = supplied
[crl_ext]
authorityKeyIdentifier = keyid:always
[leaf]
authorityKeyIdentifier = keyid
subjectKeyIdentifier = hash
basicConstraints = CA:FALSE
keyUsage = critical, digitalSignature
[responder]
authorityKeyIdentifier = keyid
keyUsage = critical, digitalSignature
extendedKeyUsage = OCSPSigning
[req]
distinguished_name = dn
[dn]
`

const KEYS = {
  'RSA-2048': ['-newkey', 'rsa:2048'],
  'P-256': ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'],
  'P-384': ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-384'],
} as const

describe.each(Object.keys(KEYS) as (keyof typeof KEYS)[])('a PKI that openssl made alone, with %s', (algorithm) => {
  let directory: TempDirectory
  let anchor: TrustAnchor

  const openssl = (...args: readonly string[]): void => {
    execFileSync('openssl', args, { cwd: directory.path, stdio: 'pipe' })
  }
  const read = (name: string): Buffer => readFileSync(join(directory.path, name))
  const certificateIn = (name: string): Uint8Array => new X509Certificate(read(name)).raw

  const issue = (name: string, extensions: 'leaf' | 'responder'): void => {
    openssl(
      'req',
      '-config',
      'openssl.cnf',
      ...KEYS[algorithm],
      '-nodes',
      '-keyout',
      `${name}.key`,
      '-out',
      `${name}.csr`,
      '-subj',
      `/CN=${name}`,
    )
    openssl(
      'ca',
      '-config',
      'openssl.cnf',
      '-batch',
      '-notext',
      '-cert',
      'ca.pem',
      '-keyfile',
      'ca.key',
      '-in',
      `${name}.csr`,
      '-out',
      `${name}.pem`,
      '-extensions',
      extensions,
    )
  }

  beforeAll(() => {
    directory = createTempDirectory('openssl-pki')
    writeFileSync(join(directory.path, 'openssl.cnf'), CONFIG)
    writeFileSync(join(directory.path, 'index.txt'), '')
    writeFileSync(join(directory.path, 'serial'), '1000')
    writeFileSync(join(directory.path, 'crlnumber'), '01')
    openssl(
      'req',
      '-x509',
      '-config',
      'openssl.cnf',
      ...KEYS[algorithm],
      '-nodes',
      '-keyout',
      'ca.key',
      '-out',
      'ca.pem',
      '-subj',
      '/CN=made by openssl',
      '-days',
      '60',
      '-addext',
      'basicConstraints=critical,CA:TRUE',
      '-addext',
      'keyUsage=critical,keyCertSign,cRLSign',
      '-addext',
      'subjectKeyIdentifier=hash',
    )
    issue('kept', 'leaf')
    issue('lost', 'leaf')
    issue('responder', 'responder')
    openssl(
      'ca',
      '-config',
      'openssl.cnf',
      '-cert',
      'ca.pem',
      '-keyfile',
      'ca.key',
      '-revoke',
      'lost.pem',
      '-crl_reason',
      'keyCompromise',
    )
    openssl('ca', '-config', 'openssl.cnf', '-cert', 'ca.pem', '-keyfile', 'ca.key', '-gencrl', '-out', 'list.pem')
    const read = readAnchor({ name: 'made by openssl', der: certificateIn('ca.pem') }, plainProfile('authentication'))
    if (typeof read === 'string') throw new Error(read)
    anchor = read
  })

  afterAll(async () => {
    await directory.remove()
  })

  const judge = async (name: string, revocation: RevocationSource): Promise<string> =>
    outcomeOf(
      await runChecks({
        unverifiedDer: certificateIn(`${name}.pem`),
        response: undefined,
        profile: plainProfile('authentication'),
        anchors: { authentication: [anchor], signature: [] },
        revocation,
        revocationPolicy: 'require-good',
        now: now(),
      }),
    )

  /** openssl as the responder, signing as told. */
  const ocspBy = (...signer: readonly string[]): RevocationSource =>
    createOcspSource({
      name: 'openssl',
      transport: {
        ask: async (request) => {
          writeFileSync(join(directory.path, 'question.der'), request)
          openssl(
            'ocsp',
            '-index',
            'index.txt',
            '-CA',
            'ca.pem',
            ...signer,
            '-reqin',
            'question.der',
            '-respout',
            'answer.der',
            '-nmin',
            '10',
          )
          return read('answer.der')
        },
      },
      rules: DEFAULT_OCSP_RULES,
      random: randomBytes,
      now,
    })

  test.each([
    ['kept', 'good'],
    ['lost', 'CERT_REVOKED'],
  ])('its list: %s is %s', async (name, outcome) => {
    const [der] = decodePemOrDer(read('list.pem'), 'X509 CRL')
    const crl = acceptCrl(der!, [anchor])
    if (typeof crl === 'string') throw new Error(crl)
    const shelf = createCrlShelf()
    shelf.offer(crl)
    expect(await judge(name, createCrlSource({ name: 'list', shelf, now }))).toBe(outcome)
  })

  test.each([
    ['the delegate, by name', ['-rsigner', 'responder.pem', '-rkey', 'responder.key']],
    ['the delegate, by key', ['-rsigner', 'responder.pem', '-rkey', 'responder.key', '-resp_key_id']],
    ['the CA itself', ['-rsigner', 'ca.pem', '-rkey', 'ca.key']],
  ])('its OCSP answers, signed by %s', async (_, signer) => {
    expect(await judge('kept', ocspBy(...signer))).toBe('good')
    expect(await judge('lost', ocspBy(...signer))).toBe('CERT_REVOKED')
  })

  test('attack 33: its OCSP answers, signed by the holder of an ordinary certificate', async () => {
    expect(await judge('kept', ocspBy('-rsigner', 'lost.pem', '-rkey', 'lost.key'))).toBe(
      'REV_OCSP_SIGNER_NOT_DELEGATED',
    )
  })
})
