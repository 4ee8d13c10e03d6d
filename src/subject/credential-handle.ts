import { createHmac, createSecretKey, type KeyObject } from 'node:crypto'
import type { CertificateIdentity } from '../certificate/judgement.ts'
import type { CertificateName } from './linkage-service.ts'

/** 32 octets by which a credential is found again; says nothing without the pepper. */
export type CredentialHandle = Uint8Array & { readonly __brand: 'CredentialHandle' }

/** 32 octets; the same public key gives the same ones, under one pepper. */
export type PublicKeyDigest = Uint8Array & { readonly __brand: 'PublicKeyDigest' }

/** A key outside the database, with a number, so that two can stand side by side while one replaces the other. */
export interface Pepper {
  readonly version: number
  /** Octets, or the same as an object: with octets every HMAC imports them anew, at five times the cost. */
  readonly key: Uint8Array | KeyObject
}

/** As it is configured. */
export interface PepperOctets extends Pepper {
  readonly key: Uint8Array
}

/** The first is written, all are looked for. */
export type Peppers<One extends Pepper = Pepper> = readonly [One, ...One[]]

/** What a certificate's name looks like under one pepper. */
export interface PepperedHandle {
  readonly pepperVersion: number
  readonly handle: CredentialHandle
}

/** Under every pepper; the first is the one that is written. */
export type PepperedHandles = readonly [PepperedHandle, ...PepperedHandle[]]

/** What a certificate looks like under one pepper. */
export interface PepperedIdentity extends PepperedHandle {
  readonly publicKeyDigest: PublicKeyDigest
}

/** Domain separation from handles, which begin with the 0x30 of a SEQUENCE. */
const PUBLIC_KEY_LABEL = 'sekisho public key\0'

/**
 * handle = HMAC-SHA-256(pepper, issuer name DER ‖ serial number): what RFC 5280 §4.1.2.2 makes unique, and all that the
 * linkage service can name. The concatenation is unambiguous: DER is self-delimiting, so the issuer name ends where its
 * outer SEQUENCE says, and the rest is the serial. A serial has 8 or 9 digits: without a secret key it could be guessed back.
 */
export function pepperHandle({ version, key }: Pepper, name: CertificateName): PepperedHandle {
  const handle = createHmac('sha256', key).update(name.issuerNameDer).update(name.serialNumber).digest()
  return { pepperVersion: version, handle: new Uint8Array(handle) as CredentialHandle }
}

export function pepperIdentity(pepper: Pepper, identity: CertificateIdentity): PepperedIdentity {
  const { key } = pepper
  const publicKeyDigest = createHmac('sha256', key).update(PUBLIC_KEY_LABEL).update(identity.publicKeyDer).digest()
  return { ...pepperHandle(pepper, identity), publicKeyDigest: new Uint8Array(publicKeyDigest) as PublicKeyDigest }
}

/** For whoever derives many handles. */
export function importPeppers(peppers: Peppers<PepperOctets>): Peppers {
  return underEachPepper(peppers, ({ version, key }) => ({ version, key: createSecretKey(key) }))
}

/** One for each pepper, in their order. */
export function underEachPepper<Peppered, One extends Pepper>(
  [first, ...others]: Peppers<One>,
  apply: (pepper: One) => Peppered,
): readonly [Peppered, ...Peppered[]] {
  return [apply(first), ...others.map(apply)]
}
