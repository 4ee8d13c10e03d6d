import { isCanonicalBase64 } from '@sekisho/protocol'
import { z } from 'zod'
import type { CertificateIdentity, RevocationVerdict } from '../certificate/judgement.ts'

/**
 * What a judged response leaves behind until its browser comes for it: seconds, and sealed, because it holds a serial.
 */
export interface Evidence {
  readonly identity: CertificateIdentity
  readonly revocation: RevocationVerdict
}

/** Encryption with a key that the store does not have; `purpose` ties a box to its ticket. */
export interface Sealer {
  seal(purpose: string, plain: Uint8Array): Uint8Array
  /** @throws Error when the box was not sealed here, for this purpose */
  open(purpose: string, box: Uint8Array): Uint8Array
}

const bytes = z
  .string()
  .refine(isCanonicalBase64)
  .transform((text) => new Uint8Array(Buffer.from(text, 'base64')))
const date = z.iso.datetime().transform((text) => new Date(text))
const made = { method: z.enum(['ocsp', 'crl', 'operator', 'none']), source: z.string(), checkedAt: date }

const evidenceSchema = z.object({
  identity: z.object({
    // sealed by the release before phones were told apart: all of those were cards
    medium: z.enum(['card', 'phone']).default('card'),
    issuerNameDer: bytes,
    serialNumber: bytes,
    issuerKeyId: bytes,
    publicKeyDer: bytes,
    notAfter: date,
  }),
  revocation: z.discriminatedUnion('status', [
    z.object({ status: z.literal('good'), ...made }),
    z.object({ status: z.literal('unknown'), ...made }),
    z.object({ status: z.literal('unavailable'), cause: z.string(), ...made }),
  ]),
})

export function encodeEvidence({ identity, revocation }: Evidence): Uint8Array {
  return Buffer.from(
    JSON.stringify({
      identity: {
        medium: identity.medium,
        issuerNameDer: base64(identity.issuerNameDer),
        serialNumber: base64(identity.serialNumber),
        issuerKeyId: base64(identity.issuerKeyId),
        publicKeyDer: base64(identity.publicKeyDer),
        notAfter: identity.notAfter,
      },
      revocation,
    }),
  )
}

/** @throws ZodError when the bytes are not what `encodeEvidence` wrote */
export function decodeEvidence(plain: Uint8Array): Evidence {
  return evidenceSchema.parse(JSON.parse(Buffer.from(plain).toString('utf8')))
}

function base64({ buffer, byteOffset, length }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, length).toString('base64')
}
