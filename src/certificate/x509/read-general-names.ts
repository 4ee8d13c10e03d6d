import { readOid } from '../der/decode-oid.ts'
import { DerFault } from '../der/der-fault.ts'
import type { DerReader } from '../der/der-reader.ts'
import { constructedContextTag, contextTag } from '../der/tags.ts'
import { decodeAscii } from './decode-text.ts'
import { readName } from './read-name.ts'

/** A certificate of an outside suite may name many hosts; a longer list is not worth the work. */
const MAX_NAMES = 4096

export const GENERAL_NAME = { directory: constructedContextTag(4), uri: contextTag(6) } as const

const OTHER_NAME = constructedContextTag(0)
const RFC822_NAME = contextTag(1)
const DNS_NAME = contextTag(2)
const DIRECTORY_NAME = GENERAL_NAME.directory
const EDI_PARTY_NAME = constructedContextTag(5)
const URI = GENERAL_NAME.uri
const IP_ADDRESS = contextTag(7)
const REGISTERED_ID = contextTag(8)

/** RFC 1034 §3.1: 255 octets with the length of each label. Longer text would exhaust the stack of the expression below. */
const MAX_HOST_OCTETS = 253

/** RFC 5280 §4.2.1.6, RFC 1034 §3.5 "preferred name syntax", and a wildcard as the whole first label (RFC 9525 §6.3). */
const HOST =
  /^(?:\*\.)?(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)*[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/

/**
 * The rest of a reader as `GeneralNames`, one or more, each checked as far as its type has a form.
 *
 * @returns each name as it stands, for comparison byte by byte
 * @throws DerFault
 * @see RFC 5280 §4.2.1.6
 */
export function readGeneralNames(list: DerReader): readonly Uint8Array[] {
  if (list.isAtEnd()) throw new DerFault('empty-sequence', list.offset)
  const names: Uint8Array[] = []
  while (!list.isAtEnd()) {
    const at = list.offset
    if (names.length === MAX_NAMES) throw new DerFault('too-many-elements', at)
    const name = list.readAny()
    checkGeneralName(list.over(name), at)
    names.push(name)
  }
  return names
}

function checkGeneralName(reader: DerReader, at: number): void {
  if (!hasItsForm(reader)) throw new DerFault('bad-string', at)
}

function hasItsForm(reader: DerReader): boolean {
  const tag = reader.peekTag()
  switch (tag) {
    case OTHER_NAME: {
      const other = reader.enter(tag)
      readOid(other)
      const value = other.enter(constructedContextTag(0))
      value.readAny()
      value.finish()
      other.finish()
      return true
    }
    case RFC822_NAME:
      return /^[^@\s]+@[^@\s]+$/.test(decodeAscii(reader.read(tag)))
    case DNS_NAME: {
      const host = reader.read(tag)
      return host.length <= MAX_HOST_OCTETS && HOST.test(decodeAscii(host))
    }
    case URI:
      return /^[A-Za-z][A-Za-z0-9+.-]*:[^\s\0]*$/.test(decodeAscii(reader.read(tag)))
    case DIRECTORY_NAME: {
      const explicit = reader.enter(tag)
      readName(explicit)
      explicit.finish()
      return true
    }
    case IP_ADDRESS: {
      const { length } = reader.read(tag)
      return length === 4 || length === 16
    }
    case REGISTERED_ID:
      readOid(reader, tag)
      return true
    case EDI_PARTY_NAME:
      reader.advance(tag)
      return true
    default:
      return false
  }
}
