import type { ErrorCode } from '../../error-registry/registry.ts'
import { pepperHandle, underEachPepper, type PepperedHandles, type Peppers } from '../credential-handle.ts'
import type { LinkageQuestion, LinkageService, Replacement } from '../linkage-service.ts'
import type { ChainStore, RecordedCredential } from './chain-store.ts'
import { judgePredecessor } from './judge-predecessor.ts'

export interface TraceChainDependencies {
  readonly store: Pick<ChainStore, 'find'>
  readonly linkage: Extract<LinkageService, { style: 'previous' }>
  readonly peppers: Peppers
  readonly now: () => Date
  /** For the operator's log. */
  readonly onUnavailable: (cause: string) => void
}

/** One predecessor. */
export interface ChainStep {
  readonly handles: PepperedHandles
  readonly relation: Replacement
  readonly asOf: Date
  readonly recorded: RecordedCredential | undefined
}

export type Trace =
  /** Predecessors, the nearest first. `isComplete`: the service will not say more about any of them. */
  | { readonly outcome: 'traced'; readonly steps: readonly ChainStep[]; readonly isComplete: boolean }
  | { readonly outcome: 'refused'; readonly code: ErrorCode }

/** A card lives five years, and the service began in 2016: a person of a hundred years has twenty. */
export const MAX_CHAIN_DEPTH = 20
/** A person waits no longer than this for the whole walk. */
const WALK_LIMIT_MS = 15_000

/**
 * Walks back from an unknown certificate (design.md §6): one national question a step, until a certificate is known or there is none
 * before it. A known one that was itself admitted without asking is walked through: behind it there may be another account.
 * "Don't know" refuses, and so does a history that contradicts itself.
 */
export async function traceChain(deps: TraceChainDependencies, presented: LinkageQuestion): Promise<Trace> {
  const { store, linkage, peppers, now, onUnavailable } = deps
  const handlesOf = (name: LinkageQuestion): PepperedHandles =>
    underEachPepper(peppers, (pepper) => pepperHandle(pepper, name))
  const seen = new Set([keyOf(handlesOf(presented))])
  const steps: ChainStep[] = []
  const untilMs = now().getTime() + WALK_LIMIT_MS
  let question = presented
  let reached: RecordedCredential | undefined

  for (;;) {
    const answer =
      now().getTime() < untilMs
        ? await linkage.previousOf(question)
        : ({ status: 'unavailable', cause: 'walk-took-too-long' } as const)
    if (answer.status === 'none') return { outcome: 'traced', steps, isComplete: true }
    if (answer.status === 'unavailable') {
      onUnavailable(answer.cause)
      // behind a known account nothing is created, whatever the service would have said
      if (reached !== undefined) return { outcome: 'traced', steps, isComplete: false }
      return { outcome: 'refused', code: 'LINK_SERVICE_UNAVAILABLE' }
    }

    const handles = handlesOf(answer.previous)
    if (seen.has(keyOf(handles))) return { outcome: 'refused', code: 'LINK_CHAIN_LOOP' }
    if (steps.length === MAX_CHAIN_DEPTH) return { outcome: 'refused', code: 'LINK_CHAIN_TOO_LONG' }
    seen.add(keyOf(handles))
    const recorded = await store.find(handles)
    steps.push({ handles, relation: answer.relation, asOf: answer.asOf, recorded })
    if (recorded !== undefined) {
      if (reached === undefined) {
        const code = judgePredecessor(recorded)
        if (code !== undefined) return { outcome: 'refused', code }
      }
      reached ??= recorded
      if (recorded.isTraced || recorded.accountId !== reached.accountId) {
        return { outcome: 'traced', steps, isComplete: true }
      }
    }
    question = answer.previous
  }
}

function keyOf([first]: PepperedHandles): string {
  return Buffer.from(first.handle).toString('hex')
}
