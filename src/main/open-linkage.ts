import { randomBytes } from 'node:crypto'
import type { TrustAnchor } from '../certificate/anchor/trust-anchor.ts'
import type { LinkageConfig } from '../config/config.ts'
import { createOutboundClient } from '../outbound/create-outbound-client.ts'
import { createLinkageOperator } from '../outbound/linkage/create-linkage-operator.ts'
import { createAccessTokens } from '../outbound/operator/create-access-tokens.ts'
import type { LinkageService } from '../subject/linkage-service.ts'
import type { SourceGauges } from './measure/source-gauges.ts'

/** One attempt. */
const ATTEMPT_MS = 4_000
/** A question is repeated only while this has not passed. */
const REPEAT_WITHIN_MS = 3_000
const MAX_ANSWER_BYTES = 64 * 1024
const SKEW_MS = 5 * 60_000
/** A renewal is in the national data the next day at the latest; an answer much older than that would make second accounts. */
const MAX_AGE_MS = 7 * 24 * 60 * 60_000

export interface LinkageOptions {
  readonly config: LinkageConfig
  readonly intranetHosts: readonly string[]
  /** Whose cards log in; their names are what a predecessor may have been issued by. */
  readonly anchors: readonly TrustAnchor[]
  readonly now: () => Date
  /** Who listens to how it does. */
  readonly gauges: SourceGauges
}

/** The linkage service that a configuration names. */
export function openLinkage({ config, intranetHosts, anchors, now, gauges }: LinkageOptions): {
  readonly service: LinkageService
  close(): Promise<void>
} {
  if (config.kind === 'none') return { service: { style: 'none' }, close: () => Promise.resolve() }
  const { url, style, oauth, tls } = config
  const client = createOutboundClient({
    allowedHosts: (oauth === undefined ? [url] : [url, oauth.tokenUrl]).map((address) => new URL(address).host),
    intranetHosts,
    // the answers are not signed: TLS is all that vouches for them
    requireTls: true,
    deadlineMs: ATTEMPT_MS,
    maxBytes: MAX_ANSWER_BYTES,
    ...(tls === undefined ? {} : { tls: { cert: tls.certificate, key: tls.key.reveal() } }),
  })
  const names = new Set(anchors.map(({ certificate }) => toHex(certificate.subjectNameDer)))
  const service = createLinkageOperator({
    name: 'operator',
    client,
    url,
    style,
    accessTokens:
      oauth &&
      createAccessTokens({
        client,
        tokenUrl: oauth.tokenUrl,
        clientId: oauth.clientId,
        clientSecret: oauth.clientSecret.reveal(),
        scope: undefined,
        now,
      }),
    isIssuer: (issuerNameDer) => names.has(toHex(issuerNameDer)),
    random: randomBytes,
    now,
    deadlineMs: REPEAT_WITHIN_MS,
    skewMs: SKEW_MS,
    maxAgeMs: MAX_AGE_MS,
    onBreaker: (isOpen) => {
      gauges.breaker('linkage', isOpen)
    },
  })
  return { service: gauges.measureLinkage(service), close: () => client.close() }
}

function toHex(octets: Uint8Array): string {
  return Buffer.from(octets).toString('hex')
}
