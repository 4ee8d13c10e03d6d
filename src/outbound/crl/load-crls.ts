import { decodePemOrDer } from '../../certificate/anchor/decode-pem.ts'
import { readAnchor } from '../../certificate/anchor/read-anchor.ts'
import type { TrustAnchor } from '../../certificate/anchor/trust-anchor.ts'
import { plainProfile } from '../../certificate/profile/plain-profile.ts'
import { acceptCrl } from '../../certificate/revocation/crl/accept-crl.ts'
import type { UnavailableCause } from '../../certificate/revocation/unavailable-cause.ts'
import type { CrlLoadOrder, CrlLoadResult } from './crl-load-order.ts'
import { readCrlPlace } from './read-crl-place.ts'

/**
 * Reads, verifies and indexes every list at a place. Runs for seconds with a large one: in `crl-worker.ts`, not where requests are served.
 */
export async function loadCrls(order: CrlLoadOrder): Promise<CrlLoadResult> {
  const issuers = order.issuers.flatMap(readIssuer)
  const loaded: { name: string; crl: CrlLoadResult['loaded'][number]['crl'] }[] = []
  const faults: { name: string; cause: UnavailableCause }[] = []
  const versions: Record<string, string> = {}
  for await (const { name, version, content } of readCrlPlace(order)) {
    if (typeof content === 'string' && content !== 'unchanged') {
      faults.push({ name, cause: content })
      continue
    }
    if (version !== undefined) versions[name] = version
    if (content === 'unchanged') continue
    const ders = decodePemOrDer(content, 'X509 CRL')
    if (ders.length === 0) faults.push({ name, cause: 'crl-malformed' })
    for (const der of ders) {
      const crl = acceptCrl(der, issuers)
      if (typeof crl === 'string') faults.push({ name, cause: crl })
      else loaded.push({ name, crl })
    }
  }
  return { loaded, faults, versions }
}

/** They were accepted as anchors already; only their keys have to be made again on this side. */
function readIssuer({ name, der, purpose }: CrlLoadOrder['issuers'][number]): readonly TrustAnchor[] {
  const anchor = readAnchor({ name, der }, plainProfile(purpose))
  return typeof anchor === 'string' ? [] : [anchor]
}
