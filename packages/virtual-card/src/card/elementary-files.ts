import type { KeyObject } from 'node:crypto'
import type { Pin } from './pin.ts'
import { encodeTokenInfo } from './token-info.ts'

/** Identifiers of the elementary files of the JPKI application (jpki.md §1.2). */
export const FILE = {
  signatureCertificate: 0x0001,
  signatureCaCertificate: 0x0002,
  tokenInfo: 0x0006,
  certificatePresence: 0x0008,
  authenticationCertificate: 0x000a,
  authenticationCaCertificate: 0x000b,
  terminalCaKey: 0x0016,
  authenticationKey: 0x0017,
  authenticationPin: 0x0018,
  signatureKey: 0x001a,
  signaturePin: 0x001b,
} as const

/** EF 0006 names what is answering: plastic card, old resident register card, Android phone, iPhone (jpki.md §1.2). */
export const TOKEN_LABELS = ['JPKIAPICCTOKEN2', 'JPKIAPICCTOKEN', 'JPKIAPGPSETOKEN', 'JPKIAPIOSTOKEN'] as const
export type TokenLabel = (typeof TOKEN_LABELS)[number]

/** What a file identifier stands for. `internal` files can be selected, but never read. */
export type ElementaryFile =
  | { readonly kind: 'data'; readonly content: Buffer; readonly readableAfter: Pin | undefined }
  | { readonly kind: 'pin'; readonly pin: Pin }
  | { readonly kind: 'key'; readonly key: KeyObject; readonly usableAfter: Pin }
  | { readonly kind: 'internal' }

/** One key pair with its certificate, the certificate of its issuer and its PIN. */
export interface SlotContent {
  readonly certificateDer: Uint8Array
  readonly caCertificateDer: Uint8Array
  readonly key: KeyObject
  readonly pin: Pin
}

// Measured on a real card: 3,808 bytes for a certificate of 1,749 (jpki.md §1.3). What follows the DER is filler.
const CERTIFICATE_FILE_LENGTH = 3808
const FILLER = 0xff

// EF 0008: 8F for a certificate that is there (jpki.md §1.2).
const PRESENT = 0x8f

/** Builds the files of the card. Without a signature slot (a holder under 15) 0001, 0002, 001A and 001B do not exist. */
export function buildElementaryFiles(
  label: TokenLabel,
  authentication: SlotContent,
  signature: SlotContent | undefined,
): Map<number, ElementaryFile> {
  // An Android phone shows the certificate only after its PIN (jpki.md §1.2).
  const certificatePin = label === 'JPKIAPGPSETOKEN' ? authentication.pin : undefined
  const files = new Map<number, ElementaryFile>([
    [FILE.tokenInfo, data(encodeTokenInfo(label))],
    [FILE.certificatePresence, data(Buffer.of(signature ? PRESENT : 0x00, PRESENT, 0x00))],
    [FILE.authenticationCertificate, data(pad(authentication.certificateDer), certificatePin)],
    [FILE.authenticationCaCertificate, data(pad(authentication.caCertificateDer))],
    [FILE.terminalCaKey, { kind: 'internal' }],
    [FILE.authenticationKey, { kind: 'key', key: authentication.key, usableAfter: authentication.pin }],
    [FILE.authenticationPin, { kind: 'pin', pin: authentication.pin }],
  ])
  if (signature) {
    files.set(FILE.signatureCertificate, data(pad(signature.certificateDer), signature.pin))
    files.set(FILE.signatureCaCertificate, data(pad(signature.caCertificateDer)))
    files.set(FILE.signatureKey, { kind: 'key', key: signature.key, usableAfter: signature.pin })
    files.set(FILE.signaturePin, { kind: 'pin', pin: signature.pin })
  }
  return files
}

function data(content: Buffer, readableAfter?: Pin): ElementaryFile {
  return { kind: 'data', content, readableAfter }
}

function pad(der: Uint8Array): Buffer {
  const file = Buffer.alloc(Math.max(CERTIFICATE_FILE_LENGTH, der.length + 1), FILLER)
  file.set(der)
  return file
}
