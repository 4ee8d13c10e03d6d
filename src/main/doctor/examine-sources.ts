import { randomBytes } from 'node:crypto'
import type { TrustAnchors } from '../../certificate/anchor/trust-anchor.ts'
import type { Config, OperatorCredentials, RevocationSourceConfig } from '../../config/config.ts'
import { createMetrics } from '../../observability/metrics/create-metrics.ts'
import { createSourceGauges } from '../measure/source-gauges.ts'
import { openRevocation } from '../open-revocation.ts'
import { askSource } from './ask-source.ts'
import type { Finding } from './finding.ts'

/** Each source of revocation: is somebody there; can the list be used. */
export async function examineRevocation(
  config: Config,
  { anchors, now }: { readonly anchors: TrustAnchors | undefined; readonly now: () => Date },
): Promise<readonly Finding[]> {
  const findings = await Promise.all(config.revocationSources.map((source) => examineOne(source, config, anchors, now)))
  return findings.flat()
}

async function examineOne(
  source: RevocationSourceConfig,
  config: Config,
  anchors: TrustAnchors | undefined,
  now: () => Date,
): Promise<readonly Finding[]> {
  const codes = { ok: 'REVOCATION_OK', unreachable: 'REVOCATION_UNREACHABLE' } as const
  switch (source.kind) {
    case 'none':
      return [{ code: 'REVOCATION_NONE' }]
    case 'ocsp':
      return askSource({ name: 'ocsp', url: source.url, intranetHosts: config.intranetHosts, codes, now })
    case 'operator':
      return askSource({
        name: 'operator',
        url: source.url,
        intranetHosts: config.intranetHosts,
        codes,
        tls: tlsOf(source),
        now,
      })
    case 'crl':
      return anchors === undefined
        ? [{ code: 'NOT_EXAMINED', values: { what: 'crl' } }]
        : [await loadList(source, config, anchors, now)]
  }
}

/** As the server would, into memory and out again. */
async function loadList(
  source: RevocationSourceConfig,
  config: Config,
  anchors: TrustAnchors,
  now: () => Date,
): Promise<Finding> {
  const faults: { readonly name: string; readonly cause: string }[] = []
  const opened = await openRevocation({
    sources: [source],
    intranetHosts: config.intranetHosts,
    anchors,
    now,
    random: randomBytes,
    gauges: createSourceGauges({ metrics: createMetrics({ ofProcess: false }), now }),
    onCrlFault: (fault) => void faults.push(fault),
  })
  await opened.close()
  const [first] = faults
  return first === undefined
    ? { code: 'REVOCATION_OK', values: { name: 'crl' } }
    : { code: 'REVOCATION_LIST_UNUSABLE', values: { name: first.name, reason: first.cause } }
}

export async function examineLinkage(config: Config, now: () => Date): Promise<readonly Finding[]> {
  const { linkage, intranetHosts } = config
  if (linkage.kind === 'none') return [{ code: 'LINKAGE_NONE' }]
  const codes = { ok: 'LINKAGE_OK', unreachable: 'LINKAGE_UNREACHABLE' } as const
  return askSource({ name: 'linkage', url: linkage.url, intranetHosts, codes, tls: tlsOf(linkage), now })
}

function tlsOf({ tls }: OperatorCredentials): { readonly cert: string; readonly key: string } | undefined {
  return tls && { cert: tls.certificate, key: tls.key.reveal() }
}
