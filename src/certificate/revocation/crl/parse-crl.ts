import { decodeOctetsOfBits } from '../../der/decode-bits.ts'
import { checkPositiveInteger, checkInteger, decodeSmallInteger } from '../../der/decode-integer.ts'
import { readTime } from '../../der/decode-time.ts'
import { DerFault } from '../../der/der-fault.ts'
import { DerReader } from '../../der/der-reader.ts'
import { sameBytes } from '../../der/same-bytes.ts'
import { TAG, constructedContextTag } from '../../der/tags.ts'
import { decodeAuthorityKeyIdentifier } from '../../x509/key-identifiers.ts'
import { OID } from '../../x509/oids.ts'
import { readExtensions, type Extension } from '../../x509/read-extensions.ts'
import { readName } from '../../x509/read-name.ts'

/** Version 2 is written as 1 (RFC 5280 §5.1.2.1). */
const VERSION_2 = 1

/** RFC 5280 §5.2.3. */
const MAX_NUMBER_OCTETS = 20

/** A list that has been read as far as its frame: the entries are indexed by `index-crl.ts`. */
export interface UnverifiedCrl {
  readonly der: Uint8Array
  readonly signedDer: Uint8Array
  readonly algorithmDer: Uint8Array
  readonly signature: Uint8Array
  readonly issuerNameDer: Uint8Array
  /** Milliseconds since 1970. */
  readonly thisUpdate: number
  readonly nextUpdate: number
  /** Where the entries stand in `der`; equal when there are none. */
  readonly entriesStart: number
  readonly entriesEnd: number
  readonly extensions: readonly Extension[]
  readonly authorityKeyId: Uint8Array | undefined
  readonly crlNumber: bigint
}

/**
 * Reads one version 2 CertificateList, strictly and to the last octet, with what the profile demands of it:
 * nextUpdate, an authority key identifier and a number, all three non-critical where they are extensions.
 *
 * @throws DerFault, and nothing else
 * @see RFC 5280 §5.1, §5.2.1, §5.2.3
 */
export function parseCrl(unverifiedDer: Uint8Array): UnverifiedCrl {
  const outer = new DerReader(unverifiedDer)
  const list = outer.enter(TAG.sequence)
  outer.finish()
  const tbsStart = list.offset
  const tbs = list.enter(TAG.sequence)
  const signedDer = unverifiedDer.subarray(tbsStart, list.offset)
  const algorithmDer = list.readWhole(TAG.sequence)
  const signature = decodeOctetsOfBits(list.read(TAG.bitString))
  list.finish()

  if (decodeSmallInteger(tbs.read(TAG.integer)) !== VERSION_2) throw new DerFault('not-conforming', tbsStart)
  if (!sameBytes(tbs.readWhole(TAG.sequence), algorithmDer)) throw new DerFault('not-conforming', tbsStart)
  const issuerNameDer = tbs.readWhole(TAG.sequence)
  if (readName(tbs.over(issuerNameDer)).length === 0) throw new DerFault('not-conforming', tbsStart)
  const thisUpdate = readTime(tbs)
  const nextUpdate = readTime(tbs)
  const entries = tbs.tryEnter(TAG.sequence)
  const entriesEnd = tbs.offset
  const explicit = tbs.enter(constructedContextTag(0))
  const extensions = readExtensions(explicit)
  explicit.finish()
  tbs.finish()
  return {
    der: unverifiedDer,
    signedDer,
    algorithmDer,
    signature,
    issuerNameDer,
    thisUpdate,
    nextUpdate,
    entriesStart: entries?.offset ?? entriesEnd,
    entriesEnd,
    extensions,
    authorityKeyId: decodeAuthorityKeyIdentifier(valueOf(extensions, OID.authorityKeyIdentifier)).keyId,
    crlNumber: decodeCrlNumber(valueOf(extensions, OID.crlNumber)),
  }
}

/** Both must be there, and must not be critical. */
function valueOf(extensions: readonly Extension[], wanted: string): Uint8Array {
  const extension = extensions.find(({ oid }) => oid === wanted)
  if (extension === undefined || extension.critical) throw new DerFault('not-conforming', 0)
  return extension.value
}

function decodeCrlNumber(value: Uint8Array): bigint {
  const reader = new DerReader(value)
  const content = checkInteger(reader.read(TAG.integer))
  reader.finish()
  if (content.length > MAX_NUMBER_OCTETS) throw new DerFault('bad-integer', 0)
  if (content.length === 1 && content[0] === 0) return 0n
  return BigInt(`0x${Buffer.from(checkPositiveInteger(content)).toString('hex')}`)
}
