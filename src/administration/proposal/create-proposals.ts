import { Refusal } from '../../error-registry/refusal.ts'
import type { GraphAct, GraphSnapshot } from '../../subject/graph/account-graph-store.ts'
import { createAccountGraph, type Author } from '../../subject/graph/create-account-graph.ts'
import { describeEffects, type Effects } from './describe-effects.ts'
import { isProposer, judgeApprover, judgeRejecter } from './judge-decider.ts'
import { neededEyes } from './needed-eyes.ts'
import { planAct, readFamilies } from './plan-act.ts'
import { stateAt, type Decider, type NeededEyes, type Proposal } from './proposal.ts'
import type { ProposalDecision, ProposalStore, ProposalTransaction } from './proposal-store.ts'
import type { Proposals } from './proposals.ts'
import { performAct, type ProposedAct } from './proposed-act.ts'
import { protectAdministrators, type AdministratorsConcerned } from './protect-administrators.ts'
import { refuseOwnAccount } from './refuse-own-account.ts'
import { requireProposer } from './require-proposer.ts'
import { changedFacts, factsOf, versionOf, type SeenFacts } from './seen-facts.ts'

export interface ProposalsDependencies {
  readonly store: ProposalStore
  /** Acts that need a second administrator. */
  readonly policy: ReadonlySet<GraphAct>
  /** How long a proposal waits for one. */
  readonly limitMs: number
  readonly now: () => Date
  /** Random UUIDs. */
  readonly newId: () => string
}

interface Examined {
  readonly effects: Effects
  readonly needs: NeededEyes
  readonly snapshot: GraphSnapshot
  readonly facts: SeenFacts
  readonly accountIds: readonly string[]
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
const MAX_REASON = 1000

export function createProposals({ store, policy, limitMs, now, newId }: ProposalsDependencies): Proposals {
  const administratorsIn = async (
    inside: ProposalTransaction,
    { accounts }: GraphSnapshot,
  ): Promise<AdministratorsConcerned> => {
    const ids = accounts.map(({ accountId }) => accountId)
    return { roles: await inside.roles(ids), otherOwners: await inside.ownersBeside(ids) }
  }

  /** All that can be said against it but for whose eyes are there. */
  const examine = async (
    inside: ProposalTransaction,
    proposed: ProposedAct,
    proposer: Decider,
    author: Author,
  ): Promise<Examined> => {
    const snapshot = await readFamilies(inside.graph, proposed)
    refuseOwnAccount(snapshot, proposer)
    const plan = await planAct({ graph: inside.graph, now, newId }, proposed, author)
    const administrators = await administratorsIn(inside, snapshot)
    protectAdministrators(snapshot, plan, administrators)
    const { accountId } = plan.operation
    return {
      effects: describeEffects(snapshot, plan),
      needs: neededEyes(proposed.act, policy, administrators, proposer),
      snapshot,
      facts: seen(proposed, snapshot),
      // the one it is mainly about comes first
      accountIds: [...new Set([accountId, ...snapshot.accounts.map((one) => one.accountId)])],
    }
  }

  const openOf = async (inside: ProposalTransaction, id: string): Promise<Proposal> => {
    const proposal = UUID.test(id) ? await inside.find(id) : undefined
    if (proposal === undefined) throw new Refusal('ADMIN_PROPOSAL_NOT_FOUND')
    if (stateAt(proposal, now()) !== 'open') throw new Refusal('ADMIN_PROPOSAL_CLOSED', stateAt(proposal, now()))
    return proposal
  }

  const survivorsOf = (inside: ProposalTransaction, { proposer }: Proposal, by: Decider) =>
    inside.survivors([proposer, by].flatMap(({ accountId }) => accountId ?? []))

  const close = async (
    inside: ProposalDecision,
    proposal: Proposal,
    closing: NonNullable<Proposal['closed']>,
  ): Promise<Proposal> => {
    if (!(await inside.close(proposal.id, closing))) throw new Refusal('ADMIN_PROPOSAL_CLOSED')
    return { ...proposal, state: closing.state, closed: closing }
  }

  const execute = async (inside: ProposalDecision, proposal: Proposal, by: Decider): Promise<Proposal> => {
    const graph = createAccountGraph({ store: inside.graph, now, newId })
    const operationId = await performAct(graph, proposal.proposed, authorOf(proposal))
    return close(inside, proposal, { state: 'executed', at: now(), by, operationId })
  }

  return {
    preview: (proposed, by) =>
      store.look(async (inside) => {
        const { effects, needs, facts, accountIds } = await examine(inside, proposed, by, LOOKING)
        const openBeside = await inside.openAbout(accountIds, now())
        return { proposed, effects, needs, version: versionOf(facts, idsOf(openBeside)), openBeside }
      }),

    propose: ({ proposed, reason, toldAs, version }, by) =>
      store.decide(async (inside) => {
        const at = now()
        const { needs, facts, accountIds } = await examine(inside, proposed, by, { actor: by.actor, reason })
        if (version !== versionOf(facts, idsOf(await inside.openAbout(accountIds, at)))) {
          throw new Refusal('ADMIN_CHANGED_MEANWHILE')
        }
        const id = newId()
        const expiresAt = new Date(at.getTime() + limitMs)
        await inside.insert({
          ...{ id, proposed, reason, toldAs, proposer: by, proposedAt: at, expiresAt },
          ...{ needs, accountIds, seen: facts, state: 'open' },
        })
        await inside.append(
          { type: 'proposal.made', ...eventOf({ id, proposed, accountIds }, by), needs, reason },
          at,
          by.actor,
        )
        const proposal = await openOf(inside, id)
        return needs === 'nobody' ? execute(inside, proposal, by) : proposal
      }),

    approve: (id, by) =>
      store.decide(async (inside) => {
        const proposal = await openOf(inside, id)
        const snapshot = await readFamilies(inside.graph, proposal.proposed)
        const survivors = await survivorsOf(inside, proposal, by)
        const needs = await needsNow(inside, proposal, snapshot)
        judgeApprover({ proposal, by, snapshot, needs, survivors })
        await requireProposer(inside, proposal, { by, survivors })
        const changed = changedFacts(proposal.seen, seen(proposal.proposed, snapshot))
        if (changed.length > 0) throw new Refusal('ADMIN_CHANGED_MEANWHILE', `${changed.length} facts`)
        await examine(inside, proposal.proposed, proposal.proposer, authorOf(proposal))
        const done = await execute(inside, proposal, by)
        const { operationId } = done.closed ?? {}
        if (operationId === undefined) throw new Error('an executed proposal has its operation')
        await inside.append({ type: 'proposal.approved', ...eventOf(proposal, by), operationId }, now(), by.actor)
        return done
      }),

    reject: (id, by, reason) =>
      store.decide(async (inside) => {
        const proposal = await openOf(inside, id)
        const snapshot = await readFamilies(inside.graph, proposal.proposed)
        judgeRejecter({ proposal, by, snapshot, survivors: await survivorsOf(inside, proposal, by) })
        if (reason.trim() === '' || reason.length > MAX_REASON) {
          throw new Refusal('ADMIN_OPERATION_REFUSED', `a reason has 1 to ${MAX_REASON} characters`)
        }
        const rejected = await close(inside, proposal, { state: 'rejected', at: now(), by, reason })
        await inside.append({ type: 'proposal.rejected', ...eventOf(proposal, by), reason }, now(), by.actor)
        return rejected
      }),

    withdraw: (id, by) =>
      store.decide(async (inside) => {
        const proposal = await openOf(inside, id)
        if (!isProposer({ proposal, by, survivors: await survivorsOf(inside, proposal, by) })) {
          throw new Refusal('ADMIN_NOT_OWN_PROPOSAL')
        }
        const withdrawn = await close(inside, proposal, { state: 'withdrawn', at: now(), by })
        await inside.append({ type: 'proposal.withdrawn', ...eventOf(proposal, by) }, now(), by.actor)
        return withdrawn
      }),

    show: (id, by) =>
      store.look(async (inside) => {
        const proposal = UUID.test(id) ? await inside.find(id) : undefined
        if (proposal === undefined) throw new Refusal('ADMIN_PROPOSAL_NOT_FOUND')
        if (stateAt(proposal, now()) !== 'open') {
          const hindrance = new Refusal('ADMIN_PROPOSAL_CLOSED')
          return { proposal, effects: undefined, changed: [], hindrance, mayWithdraw: false }
        }
        const snapshot = await readFamilies(inside.graph, proposal.proposed)
        const survivors = await survivorsOf(inside, proposal, by)
        const changed = changedFacts(proposal.seen, seen(proposal.proposed, snapshot))
        const examined = await orRefusal(examine(inside, proposal.proposed, proposal.proposer, authorOf(proposal)))
        const needs = await needsNow(inside, proposal, snapshot)
        const judged = await orRefusal(async () => {
          judgeApprover({ proposal, by, snapshot, needs, survivors })
          await requireProposer(inside, proposal, { by, survivors })
        })
        const hindrance = [
          judged,
          changed.length > 0 ? new Refusal('ADMIN_CHANGED_MEANWHILE') : undefined,
          examined,
        ].find((one) => one instanceof Refusal)
        return {
          proposal,
          effects: examined instanceof Refusal ? undefined : examined.effects,
          changed,
          hindrance,
          mayWithdraw: isProposer({ proposal, by, survivors }),
        }
      }),

    list: (filter, page) => store.list(filter, { ...page, at: now() }),
    countOpen: () => store.countOpen(now()),
    closeExpired: (limit) => store.closeExpired(now(), limit),
  }

  /** What it was proposed with, or an owner where an account has become an administrator's since. */
  async function needsNow(
    inside: ProposalTransaction,
    { needs }: Proposal,
    snapshot: GraphSnapshot,
  ): Promise<NeededEyes> {
    const { roles } = await administratorsIn(inside, snapshot)
    return roles.size > 0 ? 'owner' : needs
  }
}

/** The author of what is only looked at. */
const LOOKING: Author = { actor: 'operator', reason: 'a preview' }

/** Whoever proposed it does it; who approved stands in the proposal and in the log. */
function authorOf({ proposer, reason, toldAs }: Proposal): Author {
  return { actor: proposer.actor, reason, toldAs }
}

function seen({ act }: ProposedAct, snapshot: GraphSnapshot): SeenFacts {
  return factsOf(snapshot, { withSubjects: act === 'merge' || act === 'undo' })
}

function idsOf(proposals: readonly Proposal[]): readonly string[] {
  return proposals.map(({ id }) => id)
}

function eventOf({ id, proposed, accountIds }: Pick<Proposal, 'id' | 'proposed' | 'accountIds'>, { role }: Decider) {
  const [accountId] = accountIds
  if (accountId === undefined) throw new Error('a proposal is about an account')
  return { accountId, proposalId: id, act: proposed.act, ...(role === undefined ? {} : { role }) }
}

async function orRefusal<Result>(work: Promise<Result> | (() => Promise<Result>)): Promise<Result | Refusal> {
  try {
    return await (typeof work === 'function' ? work() : work)
  } catch (fault) {
    if (fault instanceof Refusal) return fault
    throw fault
  }
}
