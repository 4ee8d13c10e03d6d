import type { KeyObject } from 'node:crypto'

import type { KeyStore } from '../key/create-key-store.ts'
import type { Medium } from '../registry.ts'
import { assembleWithOverrides, type CertificateOverrides } from './certificate-overrides.ts'
import type { CertificateAuthority } from './certificate-authority.ts'
import {
  caAlternativeNameAttributes,
  crlDistributionPointAttributes,
  encodeName,
  MUNICIPALITY,
} from './distinguished-names.ts'
import {
  alternativeName,
  authorityInfoAccess,
  authorityKeyIdentifier,
  certificatePolicies,
  crlDistributionPoint,
  extendedKeyUsage,
  keyUsage,
  otherNames,
  subjectKeyIdentifier,
  type ExtensionPlan,
} from './extensions.ts'
import { OID } from './object-identifiers.ts'
import { keyIdOf, publicKeyDerOf } from './public-key.ts'

/** The synthetic person of a signature certificate, as jpki.md §2.4 writes people. */
export interface Holder {
  /** Family name, full-width space, given name. */
  readonly name: string
  readonly sex: '1' | '2' | '3'
  /** Era digit and Gregorian date: `319850415`. */
  readonly birthDate: string
  readonly address: string
}

export interface LeafOrder {
  readonly authority: CertificateAuthority
  /** Names the key and the subject's code within the seed. */
  readonly label: string
  readonly serialNumber: bigint
  readonly notBefore: Date
  readonly notAfter: Date
  readonly ocspUrl: string
  /** Default `card`. */
  readonly medium?: Medium | undefined
  readonly overrides?: CertificateOverrides | undefined
}

export interface Leaf {
  readonly certificateDer: Buffer
  readonly privateKey: KeyObject
}

/** A user-authentication certificate (jpki.md §2.3): a code for a subject, no name, no BasicConstraints. */
export async function makeAuthenticationLeaf(keys: KeyStore, order: LeafOrder): Promise<Leaf> {
  // Both samples end in the municipality's number and "003A" (jpki.md §2.3); what stands before is only a code.
  const code = `${alphanumeric(keys.octets(`code ${order.label}`, 14))}${MUNICIPALITY.code}003A`
  const subjectNameDer = encodeName([
    ['C', 'JP'],
    ['CN', code],
  ])
  return makeLeaf(keys, order, subjectNameDer, [
    keyUsage(['digitalSignature']),
    extendedKeyUsage([OID.clientAuth]),
    certificatePolicies([order.medium === 'phone' ? OID.phoneAuthenticationPolicy : OID.authenticationPolicy]),
  ])
}

/** A signature certificate (jpki.md §2.4): it carries the holder's name, sex, birth date and address. */
export async function makeSignatureLeaf(keys: KeyStore, order: LeafOrder & { readonly holder: Holder }): Promise<Leaf> {
  const { holder, notBefore } = order
  const timestamp = notBefore
    .toISOString()
    .replaceAll(/[^0-9]/g, '')
    .slice(0, 14)
  const subjectNameDer = encodeName([
    ['C', 'JP'],
    ['L', MUNICIPALITY.prefecture],
    ['L', MUNICIPALITY.town],
    ['CN', `${timestamp}${alphanumeric(keys.octets(`code ${order.label}`, 9))}`],
  ])
  const flags = (text: string): string => '0'.repeat(Array.from(text).length)
  return makeLeaf(keys, order, subjectNameDer, [
    keyUsage(['digitalSignature', 'nonRepudiation']),
    certificatePolicies([OID.signaturePolicy]),
    // In the order seen on cards.
    otherNames([
      [`${OID.holderAttribute}.1`, holder.name],
      [`${OID.holderAttribute}.4`, holder.birthDate],
      [`${OID.holderAttribute}.3`, holder.sex],
      [`${OID.holderAttribute}.5`, holder.address],
      [`${OID.holderAttribute}.2`, flags(holder.name)],
      [`${OID.holderAttribute}.6`, flags(holder.address)],
    ]),
  ])
}

async function makeLeaf(
  keys: KeyStore,
  order: LeafOrder,
  subjectNameDer: Buffer,
  ownExtensions: readonly ExtensionPlan[],
): Promise<Leaf> {
  const { authority, overrides = {} } = order
  const privateKey = await keys.key(`leaf ${order.label}`, overrides.keyAlgorithm)
  const publicKeyDer = publicKeyDerOf(privateKey)
  const plan = {
    version: 3,
    serialNumber: order.serialNumber,
    issuerNameDer: authority.nameDer,
    subjectNameDer,
    notBefore: order.notBefore,
    notAfter: order.notAfter,
    timeEncoding: 'rfc5280',
    publicKeyDer,
    extensions: [
      ...ownExtensions,
      alternativeName(OID.issuerAltName, caAlternativeNameAttributes(authority.purpose)),
      crlDistributionPoint(encodeName(crlDistributionPointAttributes(authority.purpose))),
      authorityInfoAccess(order.ocspUrl),
      authorityKeyIdentifier(authority),
      subjectKeyIdentifier(keyIdOf(overrides.publicKeyDer ?? publicKeyDer)),
    ],
  } as const
  return { certificateDer: assembleWithOverrides(plan, authority.privateKey, overrides), privateKey }
}

/** Digits and capital letters, one for each octet. */
function alphanumeric(octets: Uint8Array): string {
  return Array.from(octets, (octet) => '0123456789ABCDEFGHJKLMNPQRSTUVWXYZ'.charAt(octet % 34)).join('')
}
