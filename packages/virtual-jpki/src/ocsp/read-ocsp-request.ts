import { DerFault, readChildren, readElement, readInteger, type DerElement } from '../der/read-der.ts'
import { oid } from '../der/encode-der.ts'
import { OID } from '../certificate/object-identifiers.ts'

/** Which certificate is meant (RFC 6960 §4.1.1). */
export interface CertId {
  /** The whole CertID as it stood in the request: the answer repeats it byte for byte. */
  readonly der: Buffer
  readonly hashAlgorithmDer: Buffer
  readonly hash: 'sha1' | 'sha256' | 'sha384' | 'sha512' | undefined
  readonly issuerNameHash: Buffer
  readonly issuerKeyHash: Buffer
  readonly serialNumber: bigint
}

export interface OcspRequest {
  readonly certIds: readonly CertId[]
  /** extnValue's content of the nonce extension, echoed unread (RFC 9654 §2.1). */
  readonly nonce: Buffer | undefined
}

/** More than anybody asks about at once; bounds the work of one request. */
const MAX_CERT_IDS = 16

const HASHES = {
  '1.3.14.3.2.26': 'sha1',
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
} as const

/**
 * Reads an OCSPRequest; a signature on it is ignored, as RFC 6960 §2.1 leaves it to the responder.
 *
 * @throws DerFault when the bytes are no OCSPRequest
 */
export function readOcspRequest(requestDer: Uint8Array): OcspRequest {
  const bytes = Buffer.from(requestDer)
  const request = readElement(bytes)
  if (request.whole.length !== bytes.length) throw new DerFault('octets behind the request')
  const tbsRequest = expect(readChildren(request.content)[0], 0x30)
  const fields = readChildren(tbsRequest.content)
  const requestList = expect(
    fields.find((field) => field.tag === 0x30),
    0x30,
  )
  const certIds = readChildren(requestList.content).map((single) => readCertId(readChildren(single.content)[0]))
  if (certIds.length === 0 || certIds.length > MAX_CERT_IDS) throw new DerFault('no CertID, or too many')
  const extensions = fields.find((field) => field.tag === 0xa2)
  return { certIds, nonce: extensions === undefined ? undefined : findNonce(extensions) }
}

function readCertId(element: DerElement | undefined): CertId {
  const certId = expect(element, 0x30)
  const [algorithm, nameHash, keyHash, serial] = readChildren(certId.content)
  const hashAlgorithm = expect(algorithm, 0x30)
  const hashOid = expect(readChildren(hashAlgorithm.content)[0], 0x06)
  const known = Object.entries(HASHES).find(([dotted]) => oid(dotted).equals(hashOid.whole))
  return {
    der: certId.whole,
    hashAlgorithmDer: hashAlgorithm.whole,
    hash: known?.[1],
    issuerNameHash: expect(nameHash, 0x04).content,
    issuerKeyHash: expect(keyHash, 0x04).content,
    serialNumber: readInteger(expect(serial, 0x02).content),
  }
}

function findNonce(extensions: DerElement): Buffer | undefined {
  const nonceOid = oid(OID.ocspNonce)
  for (const extension of readChildren(expect(readChildren(extensions.content)[0], 0x30).content)) {
    const parts = readChildren(extension.content)
    if (parts[0]?.whole.equals(nonceOid) === true) return expect(parts.at(-1), 0x04).content
  }
  return undefined
}

function expect(element: DerElement | undefined, tag: number): DerElement {
  if (element?.tag !== tag) throw new DerFault('another element was expected')
  return element
}
