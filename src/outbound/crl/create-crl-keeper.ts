import type { TrustAnchor } from '../../certificate/anchor/trust-anchor.ts'
import { createCrlSource } from '../../certificate/revocation/crl/create-crl-source.ts'
import { createCrlShelf, type CrlShelf } from '../../certificate/revocation/crl/crl-shelf.ts'
import type { CrlNumberMemory } from '../../certificate/revocation/crl/crl-number-memory.ts'
import type { RevocationSource } from '../../certificate/revocation/revocation-source.ts'
import type { UnavailableCause } from '../../certificate/revocation/unavailable-cause.ts'
import { DEFAULT_MAX_CRL_BYTES, type CrlLoadResult, type CrlPlace } from './crl-load-order.ts'
import { loadInWorker } from './load-in-worker.ts'

export interface CrlKeeperOptions {
  readonly name: string
  readonly place: CrlPlace
  readonly issuers: readonly TrustAnchor[]
  readonly now: () => Date
  readonly refreshMs: number
  readonly maxBytes?: number
  /** Without it, how far the numbers had come is forgotten at a restart. */
  readonly numbers?: CrlNumberMemory
  /** Told about every list that could not be used. For the operator's log: names are file names. */
  readonly onFault?: (fault: { readonly name: string; readonly cause: UnavailableCause }) => void
}

/** Keeps the lists of one place up to date. */
export interface CrlKeeper {
  readonly source: RevocationSource
  /** Loads now what has changed; several callers share one loading. @throws Error when the loading thread dies */
  refresh(): Promise<void>
  /** The first loading, then one every `refreshMs`. */
  start(): Promise<void>
  close(): Promise<void>
}

/** Lists are loaded in a worker and put on the shelf in one step each; what is in use stays in use until something newer is there. */
export async function createCrlKeeper(options: CrlKeeperOptions): Promise<CrlKeeper> {
  const { name, place, issuers, now, refreshMs, maxBytes = DEFAULT_MAX_CRL_BYTES, numbers, onFault } = options
  const shelf = createCrlShelf(await numbers?.read())
  const stopping = new AbortController()
  let versions: CrlLoadResult['versions'] = {}
  let timer: NodeJS.Timeout | undefined
  let underWay: Promise<void> | undefined

  const load = async (): Promise<void> => {
    const order = { place, maxBytes, issuers: issuers.map(plainIssuer), knownVersions: versions }
    const result = await loadInWorker(order, stopping.signal)
    const faults = [...result.faults, ...shelve(shelf, result.loaded)]
    // what is at fault is read again next time
    versions = Object.fromEntries(
      Object.entries(result.versions).filter(([key]) => faults.every((fault) => fault.name !== key)),
    )
    shelf.reportFault(faults[0]?.cause)
    for (const fault of faults) onFault?.(fault)
    if (result.loaded.length > 0) await numbers?.write(shelf.numbers())
  }

  const refresh = (): Promise<void> => {
    underWay ??= load().finally(() => {
      underWay = undefined
    })
    return underWay
  }

  return {
    source: createCrlSource({ name, shelf, now }),
    refresh,
    async start() {
      await refresh()
      timer = setInterval(() => {
        refresh().catch(() => onFault?.({ name, cause: 'crl-missing' }))
      }, refreshMs)
      timer.unref()
    },
    async close() {
      clearInterval(timer)
      stopping.abort()
      await underWay?.catch(() => undefined)
    },
  }
}

function shelve(shelf: CrlShelf, loaded: CrlLoadResult['loaded']): CrlLoadResult['faults'] {
  return loaded.flatMap(({ name, crl }) => {
    const cause = shelf.offer(crl)
    return cause === undefined ? [] : [{ name, cause }]
  })
}

function plainIssuer({ name, purpose, certificate }: TrustAnchor) {
  return { name, purpose, der: Uint8Array.from(certificate.der) }
}
