import { DerFault } from '../../der/der-fault.ts'
import { DerReader } from '../../der/der-reader.ts'
import { sameBytes } from '../../der/same-bytes.ts'
import { TAG } from '../../der/tags.ts'
import type { UnverifiedCrl } from './parse-crl.ts'
import { decodeEntryExtensions, readCrlEntry } from './read-crl-entry.ts'

/** Entries end in one of a handful of encodings (a reason, nothing else); each is decoded once. */
const REMEMBERED_ENCODINGS = 32

const FIRST_OFFSETS = 1024

/**
 * Open addressing over the list itself: a slot holds where an entry starts in the DER, plus one; zero is empty. Four octets for each
 * slot and at least two slots for each entry, so 10⁶ entries cost 8 MB beside the list, and a look-up touches about two of them.
 */
export interface CrlIndex {
  readonly slots: Uint32Array<ArrayBuffer>
  readonly entryCount: number
  readonly hasUnknownCritical: boolean
}

/**
 * Reads every entry of a list once, strictly, and builds the table.
 *
 * @throws DerFault
 */
export function indexCrl({ der, entriesStart, entriesEnd }: UnverifiedCrl): CrlIndex {
  const entries = new DerReader(der, entriesStart, entriesEnd)
  const decoded: { readonly der: Uint8Array; readonly hasUnknownCritical: boolean }[] = []
  let hasUnknownCritical = false
  let offsets = new Uint32Array(FIRST_OFFSETS)
  let hashes = new Int32Array(FIRST_OFFSETS)
  let count = 0
  while (!entries.isAtEnd()) {
    if (count === offsets.length) {
      offsets = grown(offsets, new Uint32Array(count * 2))
      hashes = grown(hashes, new Int32Array(count * 2))
    }
    offsets[count] = entries.offset
    const { serialNumber, extensionsDer } = readCrlEntry(entries)
    hashes[count] = hashOf(serialNumber)
    count += 1
    if (extensionsDer === undefined || decoded.some((known) => sameBytes(known.der, extensionsDer))) continue
    const details = decodeEntryExtensions(extensionsDer)
    hasUnknownCritical ||= details.hasUnknownCritical
    if (decoded.length < REMEMBERED_ENCODINGS) decoded.push({ der: extensionsDer, hasUnknownCritical })
  }
  return { slots: buildSlots(der, offsets, hashes, count), entryCount: count, hasUnknownCritical }
}

export interface RevokedEntry {
  readonly at: Date
  readonly reason: string | undefined
}

/** The entry of a serial number, if there is one. Costs the same at any size. */
export function findEntry(der: Uint8Array, slots: Uint32Array, serialNumber: Uint8Array): RevokedEntry | undefined {
  const mask = slots.length - 1
  for (let slot = hashOf(serialNumber) & mask; ; slot = (slot + 1) & mask) {
    const offset = slots[slot] as number
    if (offset === 0) return undefined
    const entry = readCrlEntry(new DerReader(der, offset - 1))
    if (!sameBytes(entry.serialNumber, serialNumber)) continue
    const reason = entry.extensionsDer === undefined ? undefined : decodeEntryExtensions(entry.extensionsDer).reason
    return { at: new Date(entry.revokedAt), reason }
  }
}

function buildSlots(
  der: Uint8Array,
  offsets: Uint32Array,
  hashes: Int32Array,
  count: number,
): Uint32Array<ArrayBuffer> {
  let size = 8
  while (size < count * 2) size *= 2
  const slots = new Uint32Array(size)
  const mask = size - 1
  for (let i = 0; i < count; i++) {
    const offset = offsets[i] as number
    let slot = (hashes[i] as number) & mask
    for (let taken = slots[slot] as number; taken !== 0; taken = slots[slot] as number) {
      // two entries for one certificate may contradict each other, and every reader would pick his own
      if (haveSameSerial(der, taken - 1, offset)) throw new DerFault('not-conforming', offset)
      slot = (slot + 1) & mask
    }
    slots[slot] = offset + 1
  }
  return slots
}

/** Both entries were read before: a SEQUENCE that starts with the INTEGER, whose encoding says how long it is. */
function haveSameSerial(der: Uint8Array, one: number, other: number): boolean {
  return sameBytes(serialOf(der, one), serialOf(der, other))
}

function serialOf(der: Uint8Array, offset: number): Uint8Array {
  return new DerReader(der, offset).enter(TAG.sequence).read(TAG.integer)
}

/** FNV-1a, 32 bits, and a final mix. The issuer chooses the numbers; nobody else can choose them badly. */
function hashOf(serialNumber: Uint8Array): number {
  let hash = 0x811c9dc5 | 0
  for (const octet of serialNumber) hash = Math.imul(hash ^ octet, 0x01000193)
  return hash ^ (hash >>> 15)
}

function grown<T extends { set(source: ArrayLike<number>): void }>(old: ArrayLike<number>, larger: T): T {
  larger.set(old)
  return larger
}
