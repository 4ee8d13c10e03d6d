import { decodeOctetsOfBits } from '../der/decode-bits.ts'
import { checkPositiveInteger, decodeSmallInteger } from '../der/decode-integer.ts'
import { readTime } from '../der/decode-time.ts'
import { DerFault } from '../der/der-fault.ts'
import { DerReader } from '../der/der-reader.ts'
import { sameBytes } from '../der/same-bytes.ts'
import { TAG, constructedContextTag, contextTag } from '../der/tags.ts'
import { assertConforming } from './assert-conforming.ts'
import { decodeKnownExtensions } from './decode-known-extensions.ts'
import { readExtensions } from './read-extensions.ts'
import { readName } from './read-name.ts'
import { readPublicKey } from './read-public-key.ts'
import type { UnverifiedCertificate } from './unverified-certificate.ts'

/** Version 3 is written as 2 (RFC 5280 §4.1.2.1). */
const VERSION_3 = 2

/**
 * Reads one X.509 v3 certificate, strictly and to the last octet.
 *
 * @throws DerFault, and nothing else
 * @see RFC 5280 §4.1
 */
export function parseCertificate(unverifiedDer: Uint8Array): UnverifiedCertificate {
  const outer = new DerReader(unverifiedDer)
  const certificate = outer.enter(TAG.sequence)
  outer.finish()
  const signedDer = certificate.readWhole(TAG.sequence)
  const algorithmDer = certificate.readWhole(TAG.sequence)
  const signature = decodeOctetsOfBits(certificate.read(TAG.bitString))
  certificate.finish()

  const tbs = certificate.over(signedDer).enter(TAG.sequence)
  const version = tbs.enter(constructedContextTag(0))
  if (decodeSmallInteger(version.read(TAG.integer)) !== VERSION_3) throw new DerFault('not-conforming', 0)
  version.finish()
  const serialNumber = checkPositiveInteger(tbs.read(TAG.integer))
  // RFC 5280 §4.1.1.2: must contain the same algorithm identifier as the field outside
  if (!sameBytes(tbs.readWhole(TAG.sequence), algorithmDer)) throw new DerFault('not-conforming', tbs.offset)
  const issuerNameDer = tbs.readWhole(TAG.sequence)
  const validity = tbs.enter(TAG.sequence)
  const notBefore = readTime(validity)
  const notAfter = readTime(validity)
  validity.finish()
  const subjectNameDer = tbs.readWhole(TAG.sequence)
  const publicKey = readPublicKey(tbs)
  // RFC 5280 §4.1.2.8: conforming CAs do not write unique identifiers; readers should be able to pass over them
  tbs.tryRead(contextTag(1))
  tbs.tryRead(contextTag(2))
  const explicit = tbs.enter(constructedContextTag(3))
  const extensions = readExtensions(explicit)
  explicit.finish()
  tbs.finish()

  const parsed: UnverifiedCertificate = {
    der: unverifiedDer,
    signedDer,
    algorithmDer,
    signature,
    serialNumber,
    issuerNameDer,
    issuer: readName(tbs.over(issuerNameDer)),
    subjectNameDer,
    subject: readName(tbs.over(subjectNameDer)),
    notBefore,
    notAfter,
    publicKey,
    extensions,
    known: decodeKnownExtensions(extensions),
  }
  assertConforming(parsed)
  return parsed
}

/** {@link parseCertificate} for those to whom it is all the same why: undefined when it is not a certificate. */
export function tryParseCertificate(unverifiedDer: Uint8Array): UnverifiedCertificate | undefined {
  try {
    return parseCertificate(unverifiedDer)
  } catch (error) {
    if (error instanceof DerFault) return undefined
    throw error
  }
}
