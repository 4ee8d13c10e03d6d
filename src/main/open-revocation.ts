import type { TrustAnchors } from '../certificate/anchor/trust-anchor.ts'
import { breakCircuit, DEFAULT_CIRCUIT } from '../certificate/revocation/break-circuit.ts'
import { cacheAnswers } from '../certificate/revocation/cache-answers.ts'
import type { CrlNumberMemory } from '../certificate/revocation/crl/crl-number-memory.ts'
import { createNoRevocationSource } from '../certificate/revocation/no-revocation-source.ts'
import { createOcspSource } from '../certificate/revocation/ocsp/create-ocsp-source.ts'
import { DEFAULT_OCSP_RULES } from '../certificate/revocation/ocsp/ocsp-rules.ts'
import { orderSources } from '../certificate/revocation/order-sources.ts'
import { rememberRevoked } from '../certificate/revocation/remember-revoked.ts'
import type { RevocationSource } from '../certificate/revocation/revocation-source.ts'
import type { UnavailableCause } from '../certificate/revocation/unavailable-cause.ts'
import type { RevocationSourceConfig } from '../config/config.ts'
import { createCrlKeeper } from '../outbound/crl/create-crl-keeper.ts'
import { createOcspTransport } from '../outbound/create-ocsp-transport.ts'
import {
  createOutboundClient,
  type OutboundClient,
  type OutboundClientOptions,
} from '../outbound/create-outbound-client.ts'
import { createAccessTokens } from '../outbound/operator/create-access-tokens.ts'
import { createOperatorSource } from '../outbound/operator/create-operator-source.ts'
import type { SourceGauges } from './measure/source-gauges.ts'
import { placeOfCrl } from './place-of-crl.ts'

/** A log-in waits no longer than this for one source. */
const DEADLINE_MS = 4_000

/** Answers of OCSP and operators are a few kilobytes. */
const MAX_ANSWER_BYTES = 64 * 1024

/** The bound within which a revocation is noticed, whatever an answer's nextUpdate: the national data is renewed every 15 minutes. */
const ANSWER_CEILING_MS = 5 * 60_000

/** A list of the whole country is tens of megabytes. */
const CRL_DEADLINE_MS = 120_000
const CRL_REFRESH_MS = 5 * 60_000

export interface RevocationOptions {
  /** In the order in which they are asked. */
  readonly sources: readonly RevocationSourceConfig[]
  readonly intranetHosts: readonly string[]
  /** Whose lists are loaded. */
  readonly anchors: TrustAnchors
  readonly now: () => Date
  readonly random: (octets: number) => Uint8Array
  /** Where the numbers of revocation lists are remembered over a restart; without it they are not. */
  readonly crlNumbers?: CrlNumberMemory
  /** Who listens to how the sources do. */
  readonly gauges: SourceGauges
  readonly onCrlFault?: (fault: { readonly name: string; readonly cause: UnavailableCause }) => void
}

export interface OpenedRevocation {
  readonly source: RevocationSource
  close(): Promise<void>
}

/** The sources a configuration names, each behind its cache and breaker, in order, with one memory for what was revoked. */
export async function openRevocation(options: RevocationOptions): Promise<OpenedRevocation> {
  const opened: OpenedRevocation[] = []
  for (const config of options.sources) opened.push(await openSource(config, options))
  return {
    source: rememberRevoked(orderSources(opened.map(({ source }) => source))),
    async close() {
      await Promise.all(opened.map((one) => one.close()))
    },
  }
}

async function openSource(config: RevocationSourceConfig, options: RevocationOptions): Promise<OpenedRevocation> {
  switch (config.kind) {
    case 'ocsp':
      return openOcsp(config, options)
    case 'crl':
      return openCrl(config, options)
    case 'operator':
      return openOperator(config, options)
    case 'none':
      return { source: createNoRevocationSource(options), close: async () => undefined }
  }
}

function openOcsp(
  { url, nonce }: Extract<RevocationSourceConfig, { kind: 'ocsp' }>,
  options: RevocationOptions,
): OpenedRevocation {
  const client = openClient([url], options)
  // RFC 5019 §5: prepared answers are fetched by GET, so that a cache on the way may have them
  const transport = createOcspTransport({ client, url, method: nonce === 'none' ? 'GET' : 'POST' })
  const rules = { ...DEFAULT_OCSP_RULES, nonce }
  const source = createOcspSource({ name: 'ocsp', transport, rules, random: options.random, now: options.now })
  return { source: guarded(source, options), close: () => client.close() }
}

async function openCrl(
  config: Extract<RevocationSourceConfig, { kind: 'crl' }>,
  { anchors, intranetHosts, now, crlNumbers, gauges, onCrlFault }: RevocationOptions,
): Promise<OpenedRevocation> {
  const place =
    'path' in config
      ? await placeOfCrl(config.path)
      : ({ kind: 'http', url: config.url, intranetHosts, deadlineMs: CRL_DEADLINE_MS } as const)
  const keeper = await createCrlKeeper({
    name: 'crl',
    place,
    issuers: anchors.authentication,
    now,
    refreshMs: CRL_REFRESH_MS,
    ...(crlNumbers === undefined ? {} : { numbers: crlNumbers }),
    ...(onCrlFault === undefined ? {} : { onFault: onCrlFault }),
  })
  await keeper.start()
  return { source: gauges.measure(keeper.source), close: () => keeper.close() }
}

function openOperator(
  { url, oauth, tls }: Extract<RevocationSourceConfig, { kind: 'operator' }>,
  options: RevocationOptions,
): OpenedRevocation {
  const { now, random } = options
  const certificate = tls === undefined ? {} : { tls: { cert: tls.certificate, key: tls.key.reveal() } }
  const urls = oauth === undefined ? [url] : [url, oauth.tokenUrl]
  // the answers are not signed: TLS is all that vouches for them
  const client = openClient(urls, options, { requireTls: true, ...certificate })
  const accessTokens =
    oauth === undefined
      ? undefined
      : createAccessTokens({
          client,
          tokenUrl: oauth.tokenUrl,
          clientId: oauth.clientId,
          clientSecret: oauth.clientSecret.reveal(),
          scope: undefined,
          now,
        })
  const { skewMs, maxAgeMs } = DEFAULT_OCSP_RULES
  const source = createOperatorSource({
    name: 'operator',
    client,
    url,
    accessTokens,
    random,
    now,
    skewMs,
    maxAgeMs,
  })
  return { source: guarded(source, options), close: () => client.close() }
}

function openClient(
  urls: readonly string[],
  { intranetHosts }: RevocationOptions,
  transport: Pick<OutboundClientOptions, 'tls' | 'requireTls'> = {},
): OutboundClient {
  const allowedHosts = urls.map((url) => new URL(url).host)
  const limits = { deadlineMs: DEADLINE_MS, maxBytes: MAX_ANSWER_BYTES }
  return createOutboundClient({ allowedHosts, intranetHosts, ...limits, ...transport })
}

function guarded(source: RevocationSource, { now, gauges }: RevocationOptions): RevocationSource {
  const { name } = source
  const asked = breakCircuit(gauges.measure(source), {
    now,
    ...DEFAULT_CIRCUIT,
    onState: (isOpen) => {
      gauges.breaker(name, isOpen)
    },
  })
  return cacheAnswers(asked, {
    now,
    ceilingMs: ANSWER_CEILING_MS,
    onLookup: (isFound) => {
      gauges.lookup('revocation', isFound)
    },
  })
}
