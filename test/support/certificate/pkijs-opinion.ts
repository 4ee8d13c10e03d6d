import { webcrypto } from 'node:crypto'
import { fromBER } from 'asn1js'
import { BasicOCSPResponse, Certificate, CertificateRevocationList, CryptoEngine, OCSPResponse, setEngine } from 'pkijs'

setEngine('node', new CryptoEngine({ name: 'node', crypto: webcrypto as never }))

/** pkijs wants a buffer of its own. */
const bufferOf = (der: Uint8Array): ArrayBuffer => Uint8Array.from(der).buffer

export interface CertificateOpinion {
  readonly serialHex: string
  readonly notBefore: Date
  readonly notAfter: Date
  readonly extensions: readonly { readonly oid: string; readonly critical: boolean }[]
  readonly issuerTypes: readonly string[]
  readonly subjectTypes: readonly string[]
}

/** What pkijs reads in a certificate. @throws whatever pkijs throws */
export function readWithPkijs(der: Uint8Array): CertificateOpinion {
  const certificate = Certificate.fromBER(bufferOf(der))
  return {
    serialHex: hex(certificate.serialNumber.valueBlock.valueHexView),
    notBefore: certificate.notBefore.value,
    notAfter: certificate.notAfter.value,
    extensions: (certificate.extensions ?? []).map(({ extnID, critical }) => ({ oid: extnID, critical })),
    issuerTypes: certificate.issuer.typesAndValues.map(({ type }) => type),
    subjectTypes: certificate.subject.typesAndValues.map(({ type }) => type),
  }
}

/** Whether pkijs finds the signature of a certificate valid under its issuer; a fault of any kind is a no. */
export async function verifiesWithPkijs(der: Uint8Array, issuerDer: Uint8Array): Promise<boolean> {
  return no(async () => Certificate.fromBER(bufferOf(der)).verify(Certificate.fromBER(bufferOf(issuerDer))))
}

/** The status pkijs reads in an OCSP answer whose signature it verified; undefined when it did not, or could not read it. */
export async function ocspStatusWithPkijs(
  answerDer: Uint8Array,
  certificateDer: Uint8Array,
  issuerDer: Uint8Array,
): Promise<'good' | 'revoked' | 'unknown' | undefined> {
  try {
    const issuer = Certificate.fromBER(bufferOf(issuerDer))
    const answer = new OCSPResponse({ schema: fromBER(bufferOf(answerDer)).result })
    const octets = answer.responseBytes?.response.valueBlock.valueHexView
    if (octets === undefined) return undefined
    const basic = new BasicOCSPResponse({ schema: fromBER(bufferOf(octets)).result })
    if (!(await basic.verify({ trustedCerts: [issuer] }))) return undefined
    const { isForCertificate, status } = await answer.getCertificateStatus(
      Certificate.fromBER(bufferOf(certificateDer)),
      issuer,
    )
    return isForCertificate ? (['good', 'revoked', 'unknown'] as const)[status] : undefined
  } catch {
    return undefined
  }
}

export interface CrlOpinion {
  readonly isSigned: boolean
  readonly serialHexes: readonly string[]
}

/** The entries pkijs reads in a list, and whether its signature holds; undefined when it cannot read it. */
export async function readCrlWithPkijs(der: Uint8Array, issuerDer: Uint8Array): Promise<CrlOpinion | undefined> {
  try {
    const list = CertificateRevocationList.fromBER(bufferOf(der))
    const issuerCertificate = Certificate.fromBER(bufferOf(issuerDer))
    return {
      isSigned: await no(() => list.verify({ issuerCertificate })),
      serialHexes: (list.revokedCertificates ?? []).map(({ userCertificate }) =>
        hex(userCertificate.valueBlock.valueHexView),
      ),
    }
  } catch {
    return undefined
  }
}

async function no(ask: () => Promise<boolean>): Promise<boolean> {
  try {
    return await ask()
  } catch {
    return false
  }
}

function hex(octets: Uint8Array): string {
  return Buffer.from(octets).toString('hex')
}
