import type { AccountGraphStore, GraphPlan, GraphSnapshot } from '../../subject/graph/account-graph-store.ts'
import { createAccountGraph, type Author } from '../../subject/graph/create-account-graph.ts'
import { seedsOf } from '../../subject/graph/seeds-of-operation.ts'
import { Refusal } from '../../error-registry/refusal.ts'
import { performAct, seedsOfAct, type ProposedAct } from './proposed-act.ts'

export interface GraphTools {
  readonly graph: AccountGraphStore
  readonly now: () => Date
  readonly newId: () => string
}

/** The families that an act is about, as they are. @throws Refusal ADMIN_OPERATION_NOT_FOUND */
export async function readFamilies(graph: AccountGraphStore, proposed: ProposedAct): Promise<GraphSnapshot> {
  if (proposed.act !== 'undo') return graph.read(seedsOfAct(proposed))
  const operation = await graph.operation(proposed.operationId)
  if (operation === undefined) throw new Refusal('ADMIN_OPERATION_NOT_FOUND')
  return graph.read(seedsOf(operation))
}

/**
 * What an act would do, by the very rules that will do it; nothing is written.
 *
 * @throws Refusal as `AccountGraph` does
 */
export async function planAct(
  { graph, now, newId }: GraphTools,
  proposed: ProposedAct,
  by: Author,
): Promise<GraphPlan> {
  const plans: GraphPlan[] = []
  const onPaper: AccountGraphStore = {
    ...graph,
    change: async (seeds, decide) => {
      plans.push(decide(await graph.read(seeds)))
    },
  }
  await performAct(createAccountGraph({ store: onPaper, now, newId }), proposed, by)
  const [plan] = plans
  if (plan === undefined) throw new Error(`${proposed.act} planned nothing`)
  return plan
}
