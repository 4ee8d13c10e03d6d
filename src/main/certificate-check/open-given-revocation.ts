import { readFile } from 'node:fs/promises'
import { decodePemOrDer } from '../../certificate/anchor/decode-pem.ts'
import type { TrustAnchors } from '../../certificate/anchor/trust-anchor.ts'
import { acceptCrl } from '../../certificate/revocation/crl/accept-crl.ts'
import { createCrlShelf, type CrlShelf } from '../../certificate/revocation/crl/crl-shelf.ts'
import { createCrlSource } from '../../certificate/revocation/crl/create-crl-source.ts'
import { createNoRevocationSource } from '../../certificate/revocation/no-revocation-source.ts'
import { createOcspSource } from '../../certificate/revocation/ocsp/create-ocsp-source.ts'
import { DEFAULT_OCSP_RULES } from '../../certificate/revocation/ocsp/ocsp-rules.ts'
import { orderSources } from '../../certificate/revocation/order-sources.ts'
import type { RevocationSource } from '../../certificate/revocation/revocation-source.ts'

/** An answer in a file has no nonce of ours, and is as old as it says: nextUpdate alone decides. */
const FILE_RULES = { ...DEFAULT_OCSP_RULES, nonce: 'ignored', maxAgeMs: Number.POSITIVE_INFINITY } as const

export interface GivenRevocation {
  readonly source: RevocationSource
  /** Whether there is anything to look into. */
  readonly isGiven: boolean
}

/** What the command line gives to look into: an OCSP answer first, then lists. */
export async function openGivenRevocation(
  options: { readonly crl: readonly string[]; readonly ocspResponse?: string },
  anchors: TrustAnchors,
  at: Date,
): Promise<GivenRevocation> {
  const now = (): Date => at
  const sources: RevocationSource[] = []
  if (options.ocspResponse !== undefined) {
    const answer = await readFile(options.ocspResponse)
    const transport = { ask: async () => answer }
    sources.push(createOcspSource({ name: 'file', transport, rules: FILE_RULES, random: () => new Uint8Array(), now }))
  }
  if (options.crl.length > 0) {
    sources.push(createCrlSource({ name: 'file', shelf: await shelve(options.crl, anchors), now }))
  }
  if (sources.length === 0) return { source: createNoRevocationSource({ now }), isGiven: false }
  return { source: orderSources(sources), isGiven: true }
}

async function shelve(paths: readonly string[], anchors: TrustAnchors): Promise<CrlShelf> {
  const shelf = createCrlShelf()
  for (const path of paths) {
    const ders = decodePemOrDer(await readFile(path), 'X509 CRL')
    if (ders.length === 0) shelf.reportFault('crl-malformed')
    for (const der of ders) {
      const crl = acceptCrl(der, [...anchors.authentication, ...anchors.signature])
      const fault = typeof crl === 'string' ? crl : shelf.offer(crl)
      if (fault !== undefined) shelf.reportFault(fault)
    }
  }
  return shelf
}
