import type { RevocationQuestion } from './revocation-source.ts'

/** Names a certificate within this process: the key that issued it and its serial number. Never logged. */
export function questionKey({ certificate, issuer }: RevocationQuestion): string {
  return `${issuer.keyIdHex} ${Buffer.from(certificate.serialNumber).toString('hex')}`
}
