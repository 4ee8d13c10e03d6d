import { randomBytes } from 'node:crypto'
import { stat } from 'node:fs/promises'
import type { TrustAnchor } from '../certificate/anchor/trust-anchor.ts'
import { breakCircuit, DEFAULT_CIRCUIT } from '../certificate/revocation/break-circuit.ts'
import { cacheAnswers } from '../certificate/revocation/cache-answers.ts'
import { createNoRevocationSource } from '../certificate/revocation/no-revocation-source.ts'
import { createOcspSource } from '../certificate/revocation/ocsp/create-ocsp-source.ts'
import { DEFAULT_OCSP_RULES } from '../certificate/revocation/ocsp/ocsp-rules.ts'
import { orderSources } from '../certificate/revocation/order-sources.ts'
import { rememberRevoked } from '../certificate/revocation/remember-revoked.ts'
import type { RevocationSource } from '../certificate/revocation/revocation-source.ts'
import type { Config, RevocationSourceConfig } from '../config/config.ts'
import type { Log } from '../observability/log.ts'
import type { CrlPlace } from '../outbound/crl/crl-load-order.ts'
import { createCrlKeeper } from '../outbound/crl/create-crl-keeper.ts'
import { createAccessTokens } from '../outbound/operator/create-access-tokens.ts'
import { createOperatorSource } from '../outbound/operator/create-operator-source.ts'
import { createOcspTransport } from '../outbound/create-ocsp-transport.ts'
import { createOutboundClient, type OutboundClient } from '../outbound/create-outbound-client.ts'

export interface OpenRevocationDependencies {
  readonly config: Pick<Config, 'revocationSources' | 'intranetHosts'>
  /** The authentication anchors: whose lists are loaded. */
  readonly issuers: readonly TrustAnchor[]
  readonly now: () => Date
  readonly log: Log
}

const DEADLINE_MS = 4000
const MAX_ANSWER_BYTES = 64 * 1024
/** The bound within which a revocation is noticed, whatever an answer's nextUpdate: the national data is renewed as often. */
const CACHE_CEILING_MS = 15 * 60_000
const CRL_REFRESH_MS = 10 * 60_000
/** A list of the whole country is tens of megabytes. */
const CRL_DEADLINE_MS = 60_000
const OPERATOR_SKEW_MS = 60_000
const OPERATOR_MAX_AGE_MS = 60 * 60_000

/** The configured sources in their order: each with its breaker and cache, all under one memory of what was revoked. */
export async function openRevocation({
  config,
  issuers,
  now,
  log,
}: OpenRevocationDependencies): Promise<{ source: RevocationSource; close(): Promise<void> }> {
  const closers: (() => Promise<void>)[] = []
  const clientFor = (urls: readonly string[], tls?: { cert: string; key: string }): OutboundClient => {
    const hosts = [...new Set(urls.map((url) => new URL(url).host))]
    const client = createOutboundClient({
      allowedHosts: hosts,
      intranetHosts: hosts.filter((host) => isIntranet(host, config.intranetHosts)),
      deadlineMs: DEADLINE_MS,
      maxBytes: MAX_ANSWER_BYTES,
      ...(tls === undefined ? {} : { tls }),
    })
    closers.push(() => client.close())
    return client
  }
  const asked = (source: RevocationSource): RevocationSource =>
    cacheAnswers(breakCircuit(source, { now, ...DEFAULT_CIRCUIT }), { now, ceilingMs: CACHE_CEILING_MS })

  const openSource = async (source: RevocationSourceConfig): Promise<RevocationSource> => {
    switch (source.kind) {
      case 'ocsp': {
        const transport = createOcspTransport({ client: clientFor([source.url]), url: source.url, method: 'POST' })
        const rules = { ...DEFAULT_OCSP_RULES, nonce: source.nonce }
        return asked(createOcspSource({ name: 'ocsp', transport, rules, random: randomBytes, now }))
      }
      case 'crl': {
        const keeper = await createCrlKeeper({
          name: 'crl',
          place: await placeOf(source, config.intranetHosts),
          issuers,
          now,
          refreshMs: CRL_REFRESH_MS,
          onFault: (fault) => {
            log.warn(fault, 'a revocation list could not be used')
          },
        })
        closers.push(() => keeper.close())
        await keeper.start()
        return keeper.source
      }
      case 'operator': {
        const { url, oauth, tls } = source
        const client = clientFor(
          oauth === undefined ? [url] : [url, oauth.tokenUrl],
          tls && { cert: tls.certificate, key: tls.key.reveal() },
        )
        const accessTokens =
          oauth &&
          createAccessTokens({
            client,
            tokenUrl: oauth.tokenUrl,
            clientId: oauth.clientId,
            clientSecret: oauth.clientSecret.reveal(),
            scope: undefined,
            now,
          })
        return asked(
          createOperatorSource({
            name: 'operator',
            client,
            url,
            accessTokens,
            random: randomBytes,
            now,
            skewMs: OPERATOR_SKEW_MS,
            maxAgeMs: OPERATOR_MAX_AGE_MS,
          }),
        )
      }
      case 'none':
        return createNoRevocationSource({ now })
    }
  }

  const sources: RevocationSource[] = []
  for (const source of config.revocationSources) sources.push(await openSource(source))
  return {
    source: rememberRevoked(orderSources(sources)),
    close: async () => {
      for (const closer of closers.reverse()) await closer()
    },
  }
}

async function placeOf(
  source: Extract<RevocationSourceConfig, { kind: 'crl' }>,
  intranetHosts: readonly string[],
): Promise<CrlPlace> {
  if ('path' in source) {
    const isDirectory = (await stat(source.path)).isDirectory()
    return { kind: isDirectory ? 'directory' : 'file', path: source.path }
  }
  const { host } = new URL(source.url)
  const ours = isIntranet(host, intranetHosts) ? [host] : []
  return { kind: 'http', url: source.url, intranetHosts: ours, deadlineMs: CRL_DEADLINE_MS }
}

/** @param host `name` or `name:port`, as in a URL */
function isIntranet(host: string, intranetHosts: readonly string[]): boolean {
  return intranetHosts.includes(new URL(`http://${host}`).hostname)
}
