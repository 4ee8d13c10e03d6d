import type { KeyObject } from 'node:crypto'

import type { KeyStore } from '../key/create-key-store.ts'
import type { Calendar } from './calendar.ts'
import { assembleWithOverrides, type CertificateOverrides } from './certificate-overrides.ts'
import { caAlternativeNameAttributes, caNameAttributes, encodeName, type Purpose } from './distinguished-names.ts'
import {
  alternativeName,
  basicConstraints,
  crlDistributionPoint,
  keyUsage,
  subjectKeyIdentifier,
} from './extensions.ts'
import { OID } from './object-identifiers.ts'
import { keyIdOf, publicKeyDerOf } from './public-key.ts'

/** Those of today. */
export const GENERATIONS = [1, 2, 3] as const
/** Those that come into being when the clock is moved so far that somebody gets a certificate from them. */
export const LATER_GENERATIONS = [4, 5, 6, 7, 8] as const
export type Generation = (typeof GENERATIONS | typeof LATER_GENERATIONS)[number]

/** A root that signs leaves, OCSP delegates and CRLs of one purpose. */
export interface CertificateAuthority {
  /** `authentication-3`: names its keys, its registry entries and its CRL. */
  readonly name: string
  readonly purpose: Purpose
  readonly privateKey: KeyObject
  readonly certificateDer: Buffer
  readonly publicKeyDer: Buffer
  /** Subject key identifier: SHA-1 of the public key. */
  readonly keyId: Buffer
  readonly nameDer: Buffer
  readonly serialNumber: bigint
}

type Moment = readonly [yearOffset: number, monthAndTime: string]

/** A new one every four years, each for ten: whoever gets a certificate in its time has it to the end. Offsets in years. */
const laterOne = (yearOffset: number): Record<'from' | 'to', Moment> => ({
  from: [yearOffset, '07-16T01:01:04'],
  to: [yearOffset + 10, '07-15T14:59:59'],
})

/** The first three like the real ones (jpki.md §2.1) as seen from 2026: the first is expired, the other two overlap. */
const VALIDITY: Record<Generation, Record<'from' | 'to', Moment>> = {
  1: { from: [-11, '10-20T03:08:13'], to: [-1, '10-19T14:59:59'] },
  2: { from: [-7, '09-14T23:41:56'], to: [3, '09-14T14:59:59'] },
  3: laterOne(-3),
  4: laterOne(1),
  5: laterOne(5),
  6: laterOne(9),
  7: laterOne(13),
  8: laterOne(17),
}

/** Like the real ones: the first CA has number 1, later ones a number of four octets. */
function serialNumberOf(purpose: Purpose, generation: Generation): bigint {
  const [second, third] = purpose === 'authentication' ? [0x01339001n, 0x06d19001n] : [0x01329001n, 0x067c9001n]
  if (generation === 1) return 0x01n
  return generation === 2 ? second : third + BigInt(generation - 3) * 0x0100_0000n
}

/** The CA that issues at this time: the newest one that has begun. The first issues for whoever comes before it. */
export function issuingGeneration(calendar: Calendar, at: Date): Generation {
  const begun = [...GENERATIONS, ...LATER_GENERATIONS].filter(
    (generation) => calendar.date(...VALIDITY[generation].from) <= at,
  )
  return begun.at(-1) ?? 1
}

export interface AuthorityOrder {
  readonly name: string
  readonly purpose: Purpose
  /** Takes validity and serial number from this generation; 3 when left out. */
  readonly generation?: Generation | undefined
  /** OCSP answers for its certificates, as for those of the six; otherwise it says `unauthorized`. */
  readonly servedByOcsp?: boolean | undefined
  readonly overrides?: CertificateOverrides | undefined
}

/** Makes a self-signed root of the profile of jpki.md §2.1. The name makes the key: another name, another CA with the same DN. */
export async function makeCertificateAuthority(
  deps: { readonly keys: KeyStore; readonly calendar: Calendar },
  order: AuthorityOrder,
): Promise<CertificateAuthority> {
  const { name, purpose, generation = 3, overrides = {} } = order
  const privateKey = await deps.keys.key(`ca ${name}`, overrides.keyAlgorithm)
  const publicKeyDer = publicKeyDerOf(privateKey)
  const keyId = keyIdOf(publicKeyDer)
  const nameDer = Buffer.from(overrides.subjectNameDer ?? encodeName(caNameAttributes(purpose)))
  const serialNumber = overrides.serialNumber ?? serialNumberOf(purpose, generation)
  const { from, to } = VALIDITY[generation]
  const certificateDer = assembleWithOverrides(
    {
      version: 3,
      serialNumber,
      issuerNameDer: nameDer,
      subjectNameDer: nameDer,
      notBefore: deps.calendar.date(...from),
      notAfter: deps.calendar.date(...to),
      timeEncoding: 'rfc5280',
      publicKeyDer,
      // The order of the real ones, and like them without an AKI.
      extensions: [
        keyUsage(['keyCertSign', 'cRLSign']),
        alternativeName(OID.subjectAltName, caAlternativeNameAttributes(purpose)),
        basicConstraints(true),
        crlDistributionPoint(nameDer),
        subjectKeyIdentifier(keyId),
      ],
    },
    privateKey,
    overrides,
  )
  return { name, purpose, privateKey, certificateDer, publicKeyDer, keyId, nameDer, serialNumber }
}
