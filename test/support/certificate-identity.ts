import { createHash } from 'node:crypto'
import type { CertificateIdentity } from '../../src/certificate/judgement.ts'

/** A made-up identity, as src/certificate leaves it of a card; the same name gives the same one. */
export function identityOf(card: string, change: Partial<CertificateIdentity> = {}): CertificateIdentity {
  const octets = (label: string): Buffer => createHash('sha256').update(`${label} ${card}`).digest()
  const serial = octets('serial').subarray(0, 4)
  serial[0] = (serial[0] ?? 0) & 0x7f
  return {
    medium: 'card',
    issuerNameDer: Buffer.from('3010310e300c06035504030c0563612d3031', 'hex'),
    serialNumber: serial,
    issuerKeyId: createHash('sha1').update('issuer key').digest(),
    publicKeyDer: octets('public key'),
    notAfter: new Date('2030-04-01T14:59:59Z'),
    ...change,
  }
}
