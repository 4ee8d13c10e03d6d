import type { KeyObject } from 'node:crypto'

import { signStructure } from '../certificate/assemble-certificate.ts'
import {
  authorityKeyIdentifierOfKey,
  distributionPointName,
  encodeExtension,
  type ExtensionPlan,
} from '../certificate/extensions.ts'
import { OID } from '../certificate/object-identifiers.ts'
import { encodeSignatureAlgorithm, type SignatureAlgorithm } from '../certificate/signature-algorithm.ts'
import { constructedContext, integer, primitiveContext, sequence, time } from '../der/encode-der.ts'
import { encodeCrlEntry, type CrlEntryPlan } from './encode-crl-entries.ts'

/** Everything a CRL says, before it is bytes; a misbehaviour is a change of this plan. */
export interface CrlPlan {
  readonly issuerNameDer: Uint8Array
  readonly issuerKeyId: Uint8Array
  readonly signingKey: KeyObject
  readonly algorithm: SignatureAlgorithm
  readonly corruptSignature: boolean
  readonly thisUpdate: Date
  readonly nextUpdate: Date | undefined
  readonly number: bigint | undefined
  readonly entries: readonly CrlEntryPlan[]
  /** Further entries that are bytes already. */
  readonly encodedEntries: Uint8Array
  readonly addExtensions: readonly ExtensionPlan[]
}

/** DER of a version 2 CertificateList (RFC 5280 §5.1). */
export function buildCrl(plan: CrlPlan): Buffer {
  const entries = [...plan.entries.map((entry) => encodeCrlEntry(entry)), plan.encodedEntries]
  // RFC 5280 §5.1.2.6: when nothing is revoked, the list is absent, not empty.
  const isEmpty = entries.every((entry) => entry.length === 0)
  const extensions = [
    authorityKeyIdentifierOfKey(plan.issuerKeyId),
    ...(plan.number === undefined ? [] : [crlNumber(plan.number)]),
    ...plan.addExtensions,
  ]
  const toBeSigned = sequence(
    integer(1),
    encodeSignatureAlgorithm(plan.algorithm),
    plan.issuerNameDer,
    time(plan.thisUpdate),
    ...(plan.nextUpdate === undefined ? [] : [time(plan.nextUpdate)]),
    ...(isEmpty ? [] : [sequence(...entries)]),
    constructedContext(0, sequence(...extensions.map((extension) => encodeExtension(extension)))),
  )
  return signStructure(toBeSigned, {
    key: plan.signingKey,
    algorithm: plan.algorithm,
    corrupt: plan.corruptSignature,
  })
}

export const crlNumber = (number: bigint): ExtensionPlan => ({
  oid: OID.crlNumber,
  critical: false,
  value: integer(number),
})

/** RFC 5280 §5.2.4: this list only says what changed since the base CRL of that number. */
export const deltaCrlIndicator = (baseNumber: bigint): ExtensionPlan => ({
  oid: OID.deltaCrlIndicator,
  critical: true,
  value: integer(baseNumber),
})

/** RFC 5280 §5.2.5: the part of the CA's certificates that this list speaks of. */
export function issuingDistributionPoint(nameDer: Uint8Array, scope: { readonly indirect: boolean }): ExtensionPlan {
  const indirect = scope.indirect ? [primitiveContext(4, Buffer.from([0xff]))] : []
  const value = sequence(distributionPointName(nameDer), ...indirect)
  return { oid: OID.issuingDistributionPoint, critical: true, value }
}
