import { decodeNamedBits } from '../der/decode-bits.ts'
import { DerFault } from '../der/der-fault.ts'
import { DerReader } from '../der/der-reader.ts'
import { TAG, constructedContextTag, contextTag } from '../der/tags.ts'
import { GENERAL_NAME, readGeneralNames } from './read-general-names.ts'

const MAX_POINTS = 64

/** RFC 5280 §4.2.1.13: unused, keyCompromise … aACompromise. */
const REASON_FLAGS = 9

export interface DistributionPoint {
  /** GeneralNames of the point, each as it stands; empty when it is named relative to the CRL issuer. */
  readonly fullNames: readonly Uint8Array[]
  /** A point that covers only some reasons, is signed by someone else, or says where in no known way: cannot settle a status. */
  readonly isPartial: boolean
}

/** @throws DerFault */
export function decodeCrlDistributionPoints(value: Uint8Array): readonly DistributionPoint[] {
  const outer = new DerReader(value)
  const sequence = outer.enter(TAG.sequence)
  outer.finish()
  if (sequence.isAtEnd()) throw new DerFault('empty-sequence', 0)
  const points: DistributionPoint[] = []
  while (!sequence.isAtEnd()) {
    if (points.length === MAX_POINTS) throw new DerFault('too-many-elements', sequence.offset)
    const point = sequence.enter(TAG.sequence)
    const name = point.tryEnter(constructedContextTag(0))
    const reasons = point.tryRead(contextTag(1))
    if (reasons !== undefined) decodeNamedBits(reasons, REASON_FLAGS)
    const crlIssuer = point.tryEnter(constructedContextTag(2))
    if (crlIssuer !== undefined) readGeneralNames(crlIssuer)
    point.finish()
    // RFC 5280 §4.2.1.13: a point must not consist of reasons alone
    if (name === undefined && crlIssuer === undefined) throw new DerFault('not-conforming', point.offset)
    const fullNames = name === undefined ? [] : readDistributionPointName(name)
    points.push({ fullNames, isPartial: reasons !== undefined || crlIssuer !== undefined || !areUsable(fullNames) })
  }
  return points
}

/** `DistributionPointName`, also of an IssuingDistributionPoint. @returns empty for a name relative to the issuer */
export function readDistributionPointName(choice: DerReader): readonly Uint8Array[] {
  const fullName = choice.tryEnter(constructedContextTag(0))
  if (fullName === undefined) choice.advance(constructedContextTag(1))
  choice.finish()
  return fullName === undefined ? [] : readGeneralNames(fullName)
}

/** RFC 5280 §4.2.1.13 knows a directory entry and a URI; nothing else says where a list is. */
export function areUsable(fullNames: readonly Uint8Array[]): boolean {
  return fullNames.every(([tag]) => tag === GENERAL_NAME.directory || tag === GENERAL_NAME.uri)
}
