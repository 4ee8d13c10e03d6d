import { encodeExtension, type ExtensionPlan } from '../certificate/extensions.ts'
import { OID } from '../certificate/object-identifiers.ts'
import { enumerated, integer, sequence, time } from '../der/encode-der.ts'
import { REVOCATION_REASONS, type RevocationReason } from '../registry.ts'

export interface CrlEntryPlan {
  readonly serialNumber: bigint
  readonly at: Date
  readonly reason: RevocationReason
  readonly addExtensions?: readonly ExtensionPlan[] | undefined
}

/** One element of revokedCertificates (RFC 5280 §5.1.2.6). */
export function encodeCrlEntry(entry: CrlEntryPlan): Buffer {
  const extensions = [...reasonExtension(entry.reason), ...(entry.addExtensions ?? [])]
  const encoded =
    extensions.length === 0 ? [] : [sequence(...extensions.map((extension) => encodeExtension(extension)))]
  return sequence(integer(entry.serialNumber), time(entry.at), ...encoded)
}

/** RFC 5280 §5.3.1: unspecified is said by saying nothing. */
function reasonExtension(reason: RevocationReason): readonly ExtensionPlan[] {
  if (reason === 'unspecified') return []
  return [{ oid: OID.reasonCode, critical: false, value: enumerated(REVOCATION_REASONS[reason]) }]
}

/** First and last serial number that `encodeManyCrlEntries` may use: four octets, none of them with the sign bit set. */
const FIRST_SERIAL = 0x1000_0000
const LAST_SERIAL = 0x7fff_ffff

/**
 * Entries by the million: one is encoded, copied, and only its four serial octets are rewritten. Serial numbers rise in equal
 * steps over the range of four octets.
 *
 * @param without serial numbers that must not be listed, because their certificates are good
 * @returns the concatenated entries, 37 octets each
 */
export function encodeManyCrlEntries(count: number, at: Date, without: ReadonlySet<bigint>): Buffer {
  const template = encodeCrlEntry({ serialNumber: BigInt(FIRST_SERIAL), at, reason: 'superseded' })
  const serialOffset = template.indexOf(Buffer.from('02041000', 'hex')) + 2
  const entries = Buffer.alloc(template.length * count)
  const step = Math.floor((LAST_SERIAL - FIRST_SERIAL) / count)
  if (step < 2) throw new RangeError('more entries than serial numbers of four octets')
  for (let index = 0; index < count; index += 1) {
    const offset = index * template.length
    template.copy(entries, offset)
    const serial = FIRST_SERIAL + index * step
    entries.writeUInt32BE(without.has(BigInt(serial)) ? serial + 1 : serial, offset + serialOffset)
  }
  return entries
}
