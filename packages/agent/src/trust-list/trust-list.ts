import { isLocalhostOrigin, parseProviderOrigin, providerName } from '@sekisho/protocol'

export interface TrustedProvider {
  /** `providerName(origin)`: what a sign-in address calls it. */
  readonly name: string
  /** `scheme://host[:port]`; goes into the signed bytes. */
  readonly origin: string
  /** Allows `http:` on this machine. */
  readonly development: boolean
}

export interface TrustList {
  find(name: string): Promise<TrustedProvider | undefined>
  list(): Promise<readonly TrustedProvider[]>
}

export class TrustListFault extends Error {
  override readonly name = 'TrustListFault'
  readonly code:
    'ISSUER_INVALID' | 'ISSUER_NOT_HTTPS' | 'ISSUER_MISMATCH' | 'ISSUER_UNREACHABLE' | 'FILE_INVALID' | 'FILE_UNSAFE'

  constructor(code: TrustListFault['code'], detail?: string) {
    super(detail ?? code)
    this.code = code
  }
}

/**
 * An issuer as an entry of the list.
 *
 * @throws TrustListFault ISSUER_INVALID; ISSUER_NOT_HTTPS for `http:` unless it is a localhost name marked as development
 */
export function toTrustedProvider(issuer: string, { development }: { development: boolean }): TrustedProvider {
  const origin = parseProviderOrigin(issuer)
  if (origin === undefined) throw new TrustListFault('ISSUER_INVALID')
  const plain = origin.startsWith('http:')
  if (plain && !(development && isLocalhostOrigin(origin))) throw new TrustListFault('ISSUER_NOT_HTTPS')
  return { name: providerName(origin), origin, development }
}

/** A list that cannot change: for the demonstration and for tests. */
export function trustProviders(providers: readonly { issuer: string; development?: boolean }[]): TrustList {
  const entries = providers.map(({ issuer, development = false }) => toTrustedProvider(issuer, { development }))
  return {
    find: (name) => Promise.resolve(entries.find((entry) => entry.name === name)),
    list: () => Promise.resolve(entries),
  }
}
