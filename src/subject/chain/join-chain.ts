import type { PresentedCredential } from '../credential-store.ts'
import type { Peppers } from '../credential-handle.ts'
import type { LinkageQuestion, LinkageService } from '../linkage-service.ts'
import type { Refused, Resolved } from '../resolution.ts'
import type { ChainStore } from './chain-store.ts'
import { planChain, type PlanChainContext, type PlannedChain } from './plan-chain.ts'
import { planRecognised } from './plan-recognised.ts'
import { recognisePerson } from './recognise-person.ts'
import { traceChain } from './trace-chain.ts'

export interface JoinChainDependencies {
  readonly chains: ChainStore
  readonly linkage: LinkageService
  readonly peppers: Peppers
  readonly now: () => Date
  readonly newId: () => string
  readonly onLinkageUnavailable: (cause: string) => void
}

/**
 * An unknown credential finds the account of those before it, or gets a new one, in one transaction.
 *
 * @returns undefined when something of the chain became known or changed meanwhile: look again
 */
export async function joinChain(
  deps: JoinChainDependencies,
  question: LinkageQuestion,
  presented: PresentedCredential,
): Promise<Resolved | Refused | undefined> {
  const joined = await join(deps, question, presented, () => true)
  if (joined?.outcome === 'newcomer') throw new TypeError('everybody may come in')
  return joined
}

/** The same, and nothing is written where no predecessor has an account: then the person has to say. */
export function joinKnownChain(
  deps: JoinChainDependencies,
  question: LinkageQuestion,
  presented: PresentedCredential,
): Promise<Resolved | Refused | { readonly outcome: 'newcomer' } | undefined> {
  return join(deps, question, presented, ({ isNewAccount }) => !isNewAccount)
}

async function join(
  deps: JoinChainDependencies,
  question: LinkageQuestion,
  presented: PresentedCredential,
  isWelcome: (planned: PlannedChain) => boolean,
): Promise<Resolved | Refused | { readonly outcome: 'newcomer' } | undefined> {
  const { chains, linkage, now, newId } = deps
  const current = { credentialId: newId(), kind: presented.kind, presented }
  const contextOf = (source: string): PlanChainContext => ({ at: now(), newId, source })
  const commit = async (planned: PlannedChain): Promise<Resolved | { readonly outcome: 'newcomer' } | undefined> => {
    if (!isWelcome(planned)) return { outcome: 'newcomer' }
    const { accountId, isNewAccount, write, events } = planned
    return (await chains.write(write, events))
      ? { outcome: isNewAccount ? 'created' : 'known', accountId, credentialId: current.credentialId }
      : undefined
  }

  switch (linkage.style) {
    case 'none': {
      const nobody = { outcome: 'traced', steps: [], isComplete: false } as const
      return commit(planChain(contextOf('none'), { ...current, status: 'current' }, nobody))
    }
    case 'previous': {
      const onUnavailable = deps.onLinkageUnavailable
      const trace = await traceChain({ ...deps, store: chains, linkage, onUnavailable }, question)
      if (trace.outcome === 'refused') return trace
      return commit(planChain(contextOf(linkage.name), { ...current, status: 'current' }, trace))
    }
    case 'person': {
      const onUnavailable = deps.onLinkageUnavailable
      const recognition = await recognisePerson({ store: chains, linkage, onUnavailable }, question)
      if (recognition.outcome === 'refused') return recognition
      const planned = planRecognised(contextOf(linkage.name), current, recognition)
      const committed = await commit(planned)
      return committed !== undefined && planned.isSuperseded
        ? { outcome: 'refused', code: 'LINK_CREDENTIAL_SUPERSEDED' }
        : committed
    }
  }
}
