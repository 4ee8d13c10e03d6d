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

/** What the nation remembers of one certificate it issued. The certificate itself is not needed to answer for it. */
export interface RegisteredCertificate {
  /** Name of the CA, `authentication-3`: a serial number means nothing without it. */
  readonly authority: string
  readonly serialNumber: bigint
  /** Who it was issued for: a persona's name or a label. */
  readonly holder: string
  /** The certificate that this one replaced: what a linkage service answers from. */
  readonly previous?: { readonly authority: string; readonly serialNumber: bigint } | undefined
  readonly status: IssuedStatus
}

/** The list of issued certificates and their status; OCSP, CRLs and (later) linkage and life events all read it. */
export interface CertificateRegistry {
  register(entry: RegisteredCertificate): void
  find(authority: string, serialNumber: bigint): RegisteredCertificate | undefined
  /** @throws RangeError when no such certificate was issued */
  setStatus(authority: string, serialNumber: bigint, status: IssuedStatus): void
  /** In order of issue. */
  list(authority?: string): readonly RegisteredCertificate[]
}

export function createCertificateRegistry(): CertificateRegistry {
  const entries = new Map<string, RegisteredCertificate>()
  const keyOf = (authority: string, serialNumber: bigint): string => `${authority} ${serialNumber}`
  return {
    register(entry) {
      entries.set(keyOf(entry.authority, entry.serialNumber), entry)
    },
    find: (authority, serialNumber) => entries.get(keyOf(authority, serialNumber)),
    setStatus(authority, serialNumber, status) {
      const entry = entries.get(keyOf(authority, serialNumber))
      if (entry === undefined) throw new RangeError('no such certificate was issued')
      entries.set(keyOf(authority, serialNumber), { ...entry, status })
    },
    list: (authority) =>
      [...entries.values()].filter((entry) => authority === undefined || entry.authority === authority),
  }
}
