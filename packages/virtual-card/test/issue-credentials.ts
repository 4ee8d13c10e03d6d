import { execFile } from 'node:child_process'
import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { CertificateSlot } from '@sekisho/virtual-card'

const openssl = promisify(execFile)

/** Synthetic keys and certificates for the two slots of a card, fresh from the openssl command. */
export interface Credentials {
  readonly authentication: CertificateSlot
  readonly signature: CertificateSlot
}

/** Issues a user authentication and a signature certificate under two synthetic CAs. */
export async function issueCredentials(): Promise<Credentials> {
  const directory = await mkdtemp(join(tmpdir(), 'virtual-card-'))
  try {
    const [authentication, signature] = await Promise.all([
      issueSlot(directory, 'user authentication'),
      issueSlot(directory, 'digital signature'),
    ])
    return { authentication, signature }
  } finally {
    await rm(directory, { recursive: true })
  }
}

async function issueSlot(directory: string, purpose: string): Promise<CertificateSlot> {
  const ca = await issue(directory, `${purpose} CA`, [])
  const leaf = await issue(directory, purpose, ['-CA', ca.certificatePath, '-CAkey', ca.keyPath])
  return { certificateDer: leaf.der, privateKey: leaf.key, caCertificateDer: ca.der }
}

async function issue(directory: string, name: string, issuer: readonly string[]) {
  const base = join(directory, name.replaceAll(' ', '-'))
  const keyPath = `${base}.key`
  const certificatePath = `${base}.pem`
  const request = [
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-noenc',
    '-days',
    '30',
    '-subj',
    `/C=JP/O=Synthetic/CN=${name}`,
  ]
  await openssl('openssl', [...request, '-keyout', keyPath, '-out', certificatePath, ...issuer])
  const key: KeyObject = createPrivateKey(await readFile(keyPath))
  const der = new X509Certificate(await readFile(certificatePath)).raw
  return { keyPath, certificatePath, key, der }
}
