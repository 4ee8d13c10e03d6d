import { readBooleanDefaultFalse } from '../../der/decode-boolean.ts'
import { DerReader } from '../../der/der-reader.ts'
import { TAG, constructedContextTag, contextTag } from '../../der/tags.ts'
import { areUsable, readDistributionPointName, type DistributionPoint } from '../../x509/crl-distribution-points.ts'

/** Which certificates of its issuer a list speaks about. */
export type CrlScope =
  | { readonly covers: 'all' }
  /** Those that name one of these distribution points; GeneralNames as they stand, in hexadecimal. */
  | { readonly covers: 'points'; readonly names: readonly string[] }
  /** CA or attribute certificates, other issuers, some reasons only: cannot settle the status of a leaf. */
  | { readonly covers: 'others' }

/**
 * IssuingDistributionPoint, whose booleans are IMPLICIT: `[1]` user certificates only, `[2]` CA certificates only, `[4]` indirect,
 * `[5]` attribute certificates only; `[3]` is a list of reasons.
 *
 * @throws DerFault
 * @see RFC 5280 §5.2.5
 */
export function decodeIssuingDistributionPoint(value: Uint8Array): CrlScope {
  const outer = new DerReader(value)
  const point = outer.enter(TAG.sequence)
  outer.finish()
  const name = point.tryEnter(constructedContextTag(0))
  const names = name === undefined ? undefined : readDistributionPointName(name)
  readBooleanDefaultFalse(point, contextTag(1))
  const isOnlyForCas = readBooleanDefaultFalse(point, contextTag(2))
  const hasOnlySomeReasons = point.tryRead(contextTag(3)) !== undefined
  const isIndirect = readBooleanDefaultFalse(point, contextTag(4))
  const isOnlyForAttributes = readBooleanDefaultFalse(point, contextTag(5))
  point.finish()
  if (isOnlyForCas || hasOnlySomeReasons || isIndirect || isOnlyForAttributes) return { covers: 'others' }
  if (names === undefined) return { covers: 'all' }
  // a name relative to the issuer is not what any certificate of JPKI says
  if (names.length === 0 || !areUsable(names)) return { covers: 'others' }
  return { covers: 'points', names: names.map(hex) }
}

/** Whether a list with this scope speaks about a certificate (RFC 5280 §6.3.3 (b)(2)). */
export function scopeCovers(scope: CrlScope, distributionPoints: readonly DistributionPoint[] | undefined): boolean {
  switch (scope.covers) {
    case 'all':
      return true
    case 'others':
      return false
    case 'points':
      return (distributionPoints ?? []).some(
        ({ fullNames, isPartial }) => !isPartial && fullNames.some((name) => scope.names.includes(hex(name))),
      )
  }
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}
