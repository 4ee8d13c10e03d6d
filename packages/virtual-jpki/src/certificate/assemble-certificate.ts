import type { KeyObject } from 'node:crypto'

import { bitString, constructedContext, generalizedTime, integer, sequence, time, utcTime } from '../der/encode-der.ts'
import { encodeExtension, type ExtensionPlan } from './extensions.ts'
import { encodeSignatureAlgorithm, signBytes, type SignatureAlgorithm } from './signature-algorithm.ts'

/** Everything a certificate says, before it is bytes. */
export interface CertificatePlan {
  readonly version: 1 | 2 | 3
  readonly serialNumber: bigint
  readonly issuerNameDer: Uint8Array
  readonly subjectNameDer: Uint8Array
  readonly notBefore: Date
  readonly notAfter: Date
  readonly timeEncoding: 'rfc5280' | 'utc' | 'generalized'
  readonly publicKeyDer: Uint8Array
  readonly extensions: readonly ExtensionPlan[]
}

/** The elements of TBSCertificate in their order (RFC 5280 §4.1), each complete; `editTbs` may replace, empty or repeat any. */
export interface TbsParts {
  readonly version: Uint8Array
  readonly serialNumber: Uint8Array
  readonly signature: Uint8Array
  readonly issuer: Uint8Array
  readonly validity: Uint8Array
  readonly subject: Uint8Array
  readonly subjectPublicKeyInfo: Uint8Array
  readonly extensions: Uint8Array
}

/** How the signature is made, and what may be wrong with it. */
export interface SigningPlan {
  readonly key: KeyObject
  readonly algorithm: SignatureAlgorithm
  /** The outer AlgorithmIdentifier, when it shall not be the inner one. */
  readonly outerAlgorithm?: SignatureAlgorithm | undefined
  readonly corrupt?: boolean | undefined
  readonly editTbs?: ((parts: TbsParts) => TbsParts) | undefined
}

const TIME = { rfc5280: time, utc: utcTime, generalized: generalizedTime } as const

const EMPTY = Buffer.alloc(0)

/** DER of the signed certificate. */
export function assembleCertificate(plan: CertificatePlan, signing: SigningPlan): Buffer {
  const encodeTime = TIME[plan.timeEncoding]
  const parts: TbsParts = {
    // DER leaves a DEFAULT out: version 1 is not written.
    version: plan.version === 1 ? EMPTY : constructedContext(0, integer(plan.version - 1)),
    serialNumber: integer(plan.serialNumber),
    signature: encodeSignatureAlgorithm(signing.algorithm),
    issuer: plan.issuerNameDer,
    validity: sequence(encodeTime(plan.notBefore), encodeTime(plan.notAfter)),
    subject: plan.subjectNameDer,
    subjectPublicKeyInfo: plan.publicKeyDer,
    extensions:
      plan.extensions.length === 0
        ? EMPTY
        : constructedContext(3, sequence(...plan.extensions.map((extension) => encodeExtension(extension)))),
  }
  return signStructure(encodeTbs(signing.editTbs?.(parts) ?? parts), signing)
}

function encodeTbs(parts: TbsParts): Buffer {
  const { version, serialNumber, signature, issuer, validity, subject, subjectPublicKeyInfo, extensions } = parts
  return sequence(version, serialNumber, signature, issuer, validity, subject, subjectPublicKeyInfo, extensions)
}

/** `SEQUENCE { toBeSigned, signatureAlgorithm, signature BIT STRING }`: the shape of certificates, CRLs and OCSP answers. */
export function signStructure(
  toBeSigned: Buffer,
  signing: Omit<SigningPlan, 'editTbs'>,
  ...trailing: readonly Uint8Array[]
): Buffer {
  const signature = signBytes(signing.algorithm, toBeSigned, signing.key)
  if (signing.corrupt === true) signature[signature.length >> 1] = (signature[signature.length >> 1] ?? 0) ^ 0x01
  const algorithm = encodeSignatureAlgorithm(signing.outerAlgorithm ?? signing.algorithm)
  return sequence(toBeSigned, algorithm, bitString(signature), ...trailing)
}
