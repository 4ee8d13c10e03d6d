import {
  bitString,
  booleanTrue,
  constructedContext,
  ia5String,
  integerContent,
  nullValue,
  octetString,
  oid,
  primitiveContext,
  sequence,
  utf8String,
} from '../der/encode-der.ts'
import { encodeName, type NameAttribute } from './distinguished-names.ts'
import { OID } from './object-identifiers.ts'
import { x509 } from './x509.ts'

/** One certificate, CRL or OCSP extension before it is written. */
export interface ExtensionPlan {
  readonly oid: string
  readonly critical: boolean
  /** What extnValue's OCTET STRING holds. */
  readonly value: Uint8Array
}

export const KEY_USAGES = [
  'digitalSignature',
  'nonRepudiation',
  'keyEncipherment',
  'dataEncipherment',
  'keyAgreement',
  'keyCertSign',
  'cRLSign',
] as const
export type KeyUsageName = (typeof KEY_USAGES)[number]

export const encodeExtension = (plan: ExtensionPlan): Buffer =>
  sequence(oid(plan.oid), ...(plan.critical ? [booleanTrue()] : []), octetString(plan.value))

const fromLibrary = (extension: InstanceType<typeof x509.Extension>): ExtensionPlan => ({
  oid: extension.type,
  critical: extension.critical,
  value: Buffer.from(extension.value),
})

export function keyUsage(usages: readonly KeyUsageName[], critical = true): ExtensionPlan {
  const flags = usages.reduce((sum, usage) => sum | x509.KeyUsageFlags[usage], 0)
  return fromLibrary(new x509.KeyUsagesExtension(flags, critical))
}

export const extendedKeyUsage = (usages: readonly string[], critical = false): ExtensionPlan =>
  fromLibrary(new x509.ExtendedKeyUsageExtension([...usages], critical))

export const basicConstraints = (ca: boolean, pathLength?: number): ExtensionPlan =>
  fromLibrary(new x509.BasicConstraintsExtension(ca, pathLength, true))

export const subjectKeyIdentifier = (keyId: Uint8Array): ExtensionPlan =>
  fromLibrary(new x509.SubjectKeyIdentifierExtension(Buffer.from(keyId).toString('hex')))

export const authorityInfoAccess = (ocspUrl: string): ExtensionPlan =>
  fromLibrary(new x509.AuthorityInfoAccessExtension({ ocsp: [new x509.GeneralName('url', ocspUrl)] }))

/** Key identifier, issuer name and serial together, as the real leaves have it: the library writes one or the other. */
export function authorityKeyIdentifier(issuer: {
  readonly keyId: Uint8Array
  readonly nameDer: Uint8Array
  readonly serialNumber: bigint
}): ExtensionPlan {
  const value = sequence(
    primitiveContext(0, issuer.keyId),
    constructedContext(1, directoryName(issuer.nameDer)),
    primitiveContext(2, integerContent(issuer.serialNumber)),
  )
  return { oid: OID.authorityKeyIdentifier, critical: false, value }
}

/** The short form of OCSP responders and CRLs: key identifier only. */
export const authorityKeyIdentifierOfKey = (keyId: Uint8Array): ExtensionPlan => ({
  oid: OID.authorityKeyIdentifier,
  critical: false,
  value: sequence(primitiveContext(0, keyId)),
})

/** Policies with a CPS pointer each (RFC 5280 §4.2.1.4). */
export function certificatePolicies(policies: readonly string[], critical = true): ExtensionPlan {
  const cps = sequence(oid(OID.cpsQualifier), ia5String('http://www.jpki.go.jp/cps.html'))
  const value = sequence(...policies.map((policy) => sequence(oid(policy), sequence(cps))))
  return { oid: OID.certificatePolicies, critical, value }
}

/** GeneralName directoryName: `[4]` is EXPLICIT there, because Name is a CHOICE. */
export const directoryName = (nameDer: Uint8Array): Buffer => constructedContext(4, nameDer)

export const alternativeName = (extensionOid: string, attributes: readonly NameAttribute[]): ExtensionPlan => ({
  oid: extensionOid,
  critical: false,
  value: sequence(directoryName(encodeName(attributes))),
})

/** The field `distributionPoint [0]` of CRLDP and IDP: fullName `[0]` with one directory name. */
export const distributionPointName = (nameDer: Uint8Array): Buffer =>
  constructedContext(0, constructedContext(0, directoryName(nameDer)))

export const crlDistributionPoint = (nameDer: Uint8Array): ExtensionPlan => ({
  oid: OID.crlDistributionPoints,
  critical: false,
  value: sequence(sequence(distributionPointName(nameDer))),
})

/** SubjectAltName of otherName entries whose values are UTF8String (jpki.md §2.4). */
export function otherNames(entries: readonly (readonly [type: string, value: string])[]): ExtensionPlan {
  const names = entries.map(([type, value]) =>
    constructedContext(0, oid(type), constructedContext(0, utf8String(value))),
  )
  return { oid: OID.subjectAltName, critical: false, value: sequence(...names) }
}

/** RFC 6960 §4.2.2.2.1: no need to ask about the responder's own certificate. */
export const ocspNoCheck = (): ExtensionPlan => ({ oid: OID.ocspNoCheck, critical: false, value: nullValue() })

export const unknownExtension = (critical: boolean): ExtensionPlan => ({
  oid: OID.unknownExtension,
  critical,
  value: bitString(Buffer.from('virtual')),
})
