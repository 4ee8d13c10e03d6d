import { decodeOctetsOfBits } from '../../der/decode-bits.ts'
import { decodeSmallInteger } from '../../der/decode-integer.ts'
import { readOid } from '../../der/decode-oid.ts'
import { readGeneralizedTime } from '../../der/decode-time.ts'
import { DerFault } from '../../der/der-fault.ts'
import { DerReader } from '../../der/der-reader.ts'
import { TAG, constructedContextTag } from '../../der/tags.ts'
import { OID } from '../../x509/oids.ts'
import { readExtensions, type Extension } from '../../x509/read-extensions.ts'
import { readSingleResponse, type SingleResponse } from './read-single-response.ts'

/** A responder sends its own certificate, perhaps one above it. */
const MAX_CERTIFICATES = 8

/** We ask for one. */
const MAX_SINGLE_RESPONSES = 16

export type ResponderId =
  { readonly by: 'name'; readonly nameDer: Uint8Array } | { readonly by: 'key'; readonly keySha1: Uint8Array }

/** OCSPResponseStatus that is no answer (RFC 6960 §4.2.1). */
export type OcspErrorStatus = 'malformedRequest' | 'internalError' | 'tryLater' | 'sigRequired' | 'unauthorized'

/** A BasicOCSPResponse that has been read, and nothing more. */
export interface UnverifiedOcspAnswer {
  readonly signedDer: Uint8Array
  readonly algorithmDer: Uint8Array
  readonly signature: Uint8Array
  readonly responderId: ResponderId
  /** Milliseconds since 1970. */
  readonly producedAt: number
  readonly responses: readonly SingleResponse[]
  readonly extensions: readonly Extension[]
  /** As they stand, unread. */
  readonly certificateDers: readonly Uint8Array[]
}

const ERROR_STATUS: Readonly<Record<number, OcspErrorStatus>> = {
  1: 'malformedRequest',
  2: 'internalError',
  3: 'tryLater',
  5: 'sigRequired',
  6: 'unauthorized',
}

/**
 * Reads one OCSPResponse, strictly and to the last octet.
 *
 * @throws DerFault, and nothing else
 * @see RFC 6960 §4.2.1
 */
export function parseOcspResponse(unverifiedDer: Uint8Array): UnverifiedOcspAnswer | OcspErrorStatus {
  const outer = new DerReader(unverifiedDer)
  const response = outer.enter(TAG.sequence)
  outer.finish()
  const status = decodeSmallInteger(response.read(TAG.enumerated))
  if (status !== 0) {
    response.finish()
    const error = ERROR_STATUS[status]
    if (error === undefined) throw new DerFault('not-conforming', 0)
    return error
  }
  const explicit = response.enter(constructedContextTag(0))
  response.finish()
  const responseBytes = explicit.enter(TAG.sequence)
  explicit.finish()
  if (readOid(responseBytes) !== OID.ocspBasic) throw new DerFault('not-conforming', 0)
  const basicDer = responseBytes.read(TAG.octetString)
  responseBytes.finish()
  return readBasicResponse(new DerReader(basicDer))
}

function readBasicResponse(outer: DerReader): UnverifiedOcspAnswer {
  const basic = outer.enter(TAG.sequence)
  outer.finish()
  const signedDer = basic.readWhole(TAG.sequence)
  const algorithmDer = basic.readWhole(TAG.sequence)
  const signature = decodeOctetsOfBits(basic.read(TAG.bitString))
  const certificateDers = readCertificates(basic.tryEnter(constructedContextTag(0)))
  basic.finish()

  // a version v1 that is written out is not DER, and there is no other: so nothing may stand before the responder's id
  const data = basic.over(signedDer).enter(TAG.sequence)
  const responderId = readResponderId(data)
  const producedAt = readGeneralizedTime(data)
  const responses = readResponses(data.enter(TAG.sequence))
  const explicit = data.tryEnter(constructedContextTag(1))
  const extensions = explicit === undefined ? [] : readExtensions(explicit)
  explicit?.finish()
  data.finish()
  return { signedDer, algorithmDer, signature, responderId, producedAt, responses, extensions, certificateDers }
}

function readResponderId(data: DerReader): ResponderId {
  const byName = data.tryEnter(constructedContextTag(1))
  if (byName !== undefined) {
    const nameDer = byName.readWhole(TAG.sequence)
    byName.finish()
    return { by: 'name', nameDer }
  }
  const byKey = data.enter(constructedContextTag(2))
  const keySha1 = byKey.read(TAG.octetString)
  byKey.finish()
  return { by: 'key', keySha1 }
}

function readResponses(list: DerReader): readonly SingleResponse[] {
  if (list.isAtEnd()) throw new DerFault('empty-sequence', list.offset)
  const responses: SingleResponse[] = []
  while (!list.isAtEnd()) {
    if (responses.length === MAX_SINGLE_RESPONSES) throw new DerFault('too-many-elements', list.offset)
    responses.push(readSingleResponse(list.enter(TAG.sequence)))
  }
  return responses
}

function readCertificates(explicit: DerReader | undefined): readonly Uint8Array[] {
  if (explicit === undefined) return []
  const list = explicit.enter(TAG.sequence)
  explicit.finish()
  const certificates: Uint8Array[] = []
  while (!list.isAtEnd()) {
    if (certificates.length === MAX_CERTIFICATES) throw new DerFault('too-many-elements', list.offset)
    certificates.push(list.readWhole(TAG.sequence))
  }
  return certificates
}
