import { writeDer, writeOctetString, writeSequence } from '../../der/write-der.ts'
import { TAG, constructedContextTag } from '../../der/tags.ts'
import type { RevocationQuestion } from '../revocation-source.ts'

/** AlgorithmIdentifier of SHA-1. It names the CA here and proves nothing; every responder knows it (RFC 5019 §2.1.1). */
const SHA1 = Buffer.from('300906052b0e03021a0500', 'hex')

const NONCE_OID = Buffer.from('06092b0601050507300102', 'hex')

/** RFC 9654 §2.1: a client should send 32 octets, and any responder has to take them. */
export const NONCE_OCTETS = 32

/**
 * DER of an OCSPRequest for one certificate, unsigned.
 *
 * @param nonceValue extnValue of the nonce extension; left out when `undefined`
 * @see RFC 6960 §4.1.1
 */
export function buildOcspRequest(
  { certificate, issuer }: RevocationQuestion,
  nonceValue: Uint8Array | undefined,
): Uint8Array {
  const certId = writeSequence(
    SHA1,
    writeOctetString(issuer.nameSha1),
    writeOctetString(issuer.keySha1),
    writeDer(TAG.integer, certificate.serialNumber),
  )
  const requestList = writeSequence(writeSequence(certId))
  if (nonceValue === undefined) return writeSequence(writeSequence(requestList))
  const nonce = writeSequence(NONCE_OID, writeOctetString(nonceValue))
  return writeSequence(writeSequence(requestList, writeDer(constructedContextTag(2), writeSequence(nonce))))
}

/** extnValue of the nonce extension: `Nonce ::= OCTET STRING` (RFC 9654 §2.1). */
export const nonceValueOf = (nonce: Uint8Array): Uint8Array => writeOctetString(nonce)
