import { TrustAnchorsRefused } from '../../certificate/anchor/anchor-fault.ts'
import { describeAnchorReadiness } from '../../certificate/anchor/anchor-readiness.ts'
import { loadTrustAnchors } from '../../certificate/anchor/load-trust-anchors.ts'
import { PUBLISHED_GENERATIONS } from '../../certificate/anchor/published-generations.ts'
import type { TrustAnchors } from '../../certificate/anchor/trust-anchor.ts'
import type { Config } from '../../config/config.ts'
import { readTrustDirectory } from '../read-trust-directory.ts'
import type { Finding } from './finding.ts'

/** @returns the anchors too, where they can be used */
export async function examineAnchors(
  config: Config,
  now: () => Date,
): Promise<{ readonly findings: readonly Finding[]; readonly anchors: TrustAnchors | undefined }> {
  let anchors: TrustAnchors
  try {
    anchors = loadTrustAnchors({
      ...(await readTrustDirectory(config.trustAnchorsDirectory)),
      trustVirtual: !config.isProduction || config.unsafeTrustVirtualJpki,
    })
  } catch (fault) {
    const reason =
      fault instanceof TrustAnchorsRefused
        ? fault.faults.map(({ name, reason: why }) => `${name}: ${why}`).join('; ')
        : ((fault as NodeJS.ErrnoException).code ?? 'unreadable')
    return { findings: [{ code: 'ANCHORS_REFUSED', values: { reason } }], anchors: undefined }
  }
  const { state, lastUsableUntil } = describeAnchorReadiness(anchors, 'authentication', now())
  const until = { until: lastUsableUntil?.toISOString().slice(0, 10) ?? '' }
  const code = { ready: 'ANCHORS_OK', ending: 'ANCHORS_ENDING', unready: 'ANCHORS_NONE' } as const
  const findings: Finding[] = [{ code: code[state], values: until }]
  if (anchors.authentication.some(({ isVirtual }) => isVirtual)) findings.push({ code: 'ANCHORS_VIRTUAL' })
  else findings.push(...missingGenerations(anchors))
  return { findings, anchors }
}

/** Cards that exist, and would be refused. */
function missingGenerations(anchors: TrustAnchors): Finding[] {
  return PUBLISHED_GENERATIONS.filter(
    ({ purpose, keyId }) =>
      purpose === 'authentication' && !anchors[purpose].some(({ keyIdHex }) => keyIdHex === keyId),
  ).map(({ name }) => ({ code: 'ANCHORS_GENERATION_MISSING', values: { name } }))
}
