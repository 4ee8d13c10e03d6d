import type { LinkageMisbehaviour } from './linkage/linkage-misbehaviours.ts'

/** CRLReason (RFC 5280 §5.3.1) with its number; 7 is not assigned, 8 belongs to delta CRLs. */
export const REVOCATION_REASONS = {
  unspecified: 0,
  keyCompromise: 1,
  cACompromise: 2,
  affiliationChanged: 3,
  superseded: 4,
  cessationOfOperation: 5,
  certificateHold: 6,
} as const
export type RevocationReason = keyof typeof REVOCATION_REASONS

export type IssuedStatus =
  { readonly status: 'good' } | { readonly status: 'revoked'; readonly at: Date; readonly reason: RevocationReason }

/** In what the key lies. Card and phone have keys, certificates and records of their own (jpki.md §3). */
export type Medium = 'card' | 'phone'

/** How a certificate came to replace another: the old one renewed, or a new card issued. */
export type Relation = 'renewed' | 'reissued'

/** Names a certificate. The generations of a CA share one name, so the CA's own name here is part of it. */
export interface CertificateKey {
  readonly authority: string
  readonly serialNumber: bigint
}

/** What the nation remembers of one certificate it issued. The certificate itself is not needed to answer for it. */
export interface RegisteredCertificate extends CertificateKey {
  /** Name of the CA, `authentication-3`: a serial number means nothing without it. */
  readonly authority: string
  /** Who it was issued for: a persona's name or a label. */
  readonly holder: string
  /** Who that is, the same through all renewals; the holder when left out. */
  readonly person?: string | undefined
  /** Default `card`. */
  readonly medium?: Medium | undefined
  /** The certificate that this one replaced: what a linkage service answers from. Default relation `renewed`. */
  readonly previous?: (CertificateKey & { readonly relation?: Relation | undefined }) | undefined
  /** How every linkage question about this certificate goes wrong. */
  readonly linkage?: LinkageMisbehaviour | undefined
  readonly status: IssuedStatus
}

/** The list of issued certificates and their status; OCSP, CRLs, linkage and life events all read it. */
export interface CertificateRegistry {
  register(entry: RegisteredCertificate): void
  find(authority: string, serialNumber: bigint): RegisteredCertificate | undefined
  /** @throws RangeError when no such certificate was issued */
  setStatus(authority: string, serialNumber: bigint, status: IssuedStatus): void
  /** Whether any CA has used this number: they share a name, so no two may use the same. */
  isTaken(serialNumber: bigint): boolean
  /** In order of issue. */
  list(authority?: string): readonly RegisteredCertificate[]
}

export function createCertificateRegistry(): CertificateRegistry {
  const entries = new Map<string, RegisteredCertificate>()
  const taken = new Set<bigint>()
  const keyOf = (authority: string, serialNumber: bigint): string => `${authority} ${serialNumber}`
  return {
    register(entry) {
      entries.set(keyOf(entry.authority, entry.serialNumber), entry)
      taken.add(entry.serialNumber)
    },
    find: (authority, serialNumber) => entries.get(keyOf(authority, serialNumber)),
    setStatus(authority, serialNumber, status) {
      const entry = entries.get(keyOf(authority, serialNumber))
      if (entry === undefined) throw new RangeError('no such certificate was issued')
      entries.set(keyOf(authority, serialNumber), { ...entry, status })
    },
    isTaken: (serialNumber) => taken.has(serialNumber),
    list: (authority) =>
      [...entries.values()].filter((entry) => authority === undefined || entry.authority === authority),
  }
}
