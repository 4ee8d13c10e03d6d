import { execFile } from 'node:child_process'
import { X509Certificate, createPrivateKey, type KeyObject } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

export interface IssuedCard {
  readonly certificateDer: Buffer
  readonly privateKey: KeyObject
  readonly caCertificateDer: Buffer
  /** Marks of the certificate that must not turn up in a log or a trace. */
  readonly commonName: string
  readonly serialHex: string
}

/** A fresh synthetic key and certificate, by the openssl command. The agent does not judge certificates; the provider does. */
export async function issueCard(newKey: readonly string[] = ['-newkey', 'rsa:2048']): Promise<IssuedCard> {
  const directory = await mkdtemp(join(tmpdir(), 'agent-card-'))
  try {
    const [key, certificate] = [join(directory, 'key.pem'), join(directory, 'certificate.pem')]
    const commonName = 'SYNTHETIC000000000013100'
    const subject = `/C=JP/CN=${commonName}`
    await run('openssl', [
      ...['req', '-x509', ...newKey, '-noenc', '-days', '30', '-subj', subject],
      ...['-keyout', key, '-out', certificate],
    ])
    const parsed = new X509Certificate(await readFile(certificate))
    return {
      certificateDer: parsed.raw,
      privateKey: createPrivateKey(await readFile(key)),
      caCertificateDer: parsed.raw,
      commonName,
      serialHex: parsed.serialNumber,
    }
  } finally {
    await rm(directory, { recursive: true })
  }
}
