import type { KnownExtensions } from './decode-known-extensions.ts'
import type { Extension } from './read-extensions.ts'
import type { NameAttribute } from './read-name.ts'
import type { SubjectPublicKey } from './read-public-key.ts'

/** A certificate that has been read, and nothing more: no signature, no date, no purpose was looked at. All views share `der`. */
export interface UnverifiedCertificate {
  readonly der: Uint8Array
  readonly signedDer: Uint8Array
  readonly algorithmDer: Uint8Array
  readonly signature: Uint8Array
  /** Content octets of the INTEGER: minimal, positive. */
  readonly serialNumber: Uint8Array
  readonly issuerNameDer: Uint8Array
  readonly issuer: readonly NameAttribute[]
  readonly subjectNameDer: Uint8Array
  readonly subject: readonly NameAttribute[]
  /** Milliseconds since 1970. */
  readonly notBefore: number
  readonly notAfter: number
  readonly publicKey: SubjectPublicKey
  readonly extensions: readonly Extension[]
  readonly known: Readonly<KnownExtensions>
}
