import type { Secret } from './secret.ts'
import type { APPROVABLE_ACTS } from './settings/approvals.ts'
import type { RedisUrl, VersionedKey } from './setting-formats.ts'
import type { TrustProxy } from './trust-proxy.ts'

/** A source of revocation and what its adapter needs. */
export type RevocationSourceConfig =
  | { readonly kind: 'ocsp'; readonly url: string; readonly nonce: 'required' | 'optional' | 'none' }
  | { readonly kind: 'crl'; readonly path: string }
  | { readonly kind: 'crl'; readonly url: string }
  | ({ readonly kind: 'operator'; readonly url: string } & OperatorCredentials)
  | { readonly kind: 'none' }

/** How we prove to an operator who we are. */
export interface OperatorCredentials {
  readonly oauth:
    { readonly tokenUrl: string; readonly clientId: string; readonly clientSecret: Secret<string> } | undefined
  readonly tls: { readonly certificate: string; readonly key: Secret<string> } | undefined
}

/** Who knows which certificate followed which. */
export type LinkageConfig =
  | ({ readonly kind: 'operator'; readonly url: string; readonly style: 'previous' | 'person' } & OperatorCredentials)
  | { readonly kind: 'none' }

/** Everything the composition roots are told. Frozen, all the way down. */
export interface Config {
  readonly isProduction: boolean
  /** An origin. */
  readonly issuer: string
  readonly host: string
  readonly port: number
  readonly trustProxy: TrustProxy
  /** Worker processes on this machine. */
  readonly workers: number
  /** How long readiness says no before the server stops taking requests, and how long those under way may take then. */
  readonly stopping: { readonly drainMs: number; readonly graceMs: number }
  readonly metrics: { readonly host: string; readonly port: number } | undefined
  /** The administrators' console, on a listener and origin of its own. */
  readonly admin: { readonly origin: string; readonly host: string; readonly port: number } | undefined
  readonly database:
    | {
        readonly databaseUrl: Secret<string>
        readonly maxConnections: number
        /** What is known of a server that was promoted. */
        readonly standbys: 'none' | 'synchronous'
        /** Whether a server may change the schema. */
        readonly migratesAtStart: boolean
      }
    | { readonly dataDirectory: string }
  /** For all that is short-lived; without it the database keeps that too. */
  readonly redis:
    | {
        readonly url: Secret<RedisUrl>
        /** PEM. */
        readonly tlsCa: string | undefined
        readonly sentinelPassword: Secret<string> | undefined
      }
    | undefined
  /** The first signs, all verify. */
  readonly cookieKeys: Secret<readonly string[]>
  /** The first is written, all are looked for. */
  readonly handlePeppers: Secret<readonly [VersionedKey, ...VersionedKey[]]>
  /** 32 octets each. The first seals, all open. */
  readonly keyEncryptionKeys: Secret<readonly [Buffer, ...Buffer[]]>
  readonly signingKeys: { readonly rotateEveryDays: number; readonly publishAheadDays: number }
  readonly trustAnchorsDirectory: string
  readonly unsafeTrustVirtualJpki: boolean
  /** In the order in which they are asked; at least one. */
  readonly revocationSources: readonly RevocationSourceConfig[]
  readonly linkage: LinkageConfig
  /** Object identifiers of the policies of certificates on phones; empty: cards only. */
  readonly phonePolicies: readonly string[]
  /** What an unknown card means where nobody can say whose it is. */
  readonly unknownCards: 'new' | 'ask'
  /** Host names that may have private addresses. */
  readonly intranetHosts: readonly string[]
  /** Host names that may have private addresses where registered clients name them. */
  readonly clientIntranetHosts: readonly string[]
  /** RFC 7591; `token`: with initial access tokens. */
  /** Older records of the audit log are taken out; undefined: none. */
  readonly auditKeepDays: number | undefined
  readonly clientRegistration: 'off' | 'token'
  /** Which acts of the console need a second administrator, and for how long a proposal waits for one. */
  readonly approvals: { readonly acts: readonly (typeof APPROVABLE_ACTS)[number][]; readonly limitMs: number }
  readonly sessionSeconds: number
  /** How often is too often. */
  readonly rateLimits: {
    readonly perAddressAndMinute: number
    readonly perCeremonyAndMinute: number
    readonly perClientAndMinute: number
    readonly perCardAndHour: number
  }
  /** Builds of the companion agent that `/agent` hands out. */
  readonly agentDownloadsDirectory: string | undefined
  readonly defaultLocale: 'ja' | 'en'
  readonly logLevel: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent'
}
