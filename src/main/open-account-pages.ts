import { randomBytes, randomUUID } from 'node:crypto'
import { createAccountGraphStore } from '../storage/account-graph-store.ts'
import { createAccountOverviewStore } from '../storage/account-overview-store.ts'
import type { Database } from '../storage/database.ts'
import type { Holdings } from '../storage/holdings.ts'
import { createHandOverStore } from '../storage/hand-over-store.ts'
import { createAccountGraph } from '../subject/graph/create-account-graph.ts'
import { createHandOvers } from '../subject/hand-over/create-hand-overs.ts'
import type { WebDependencies } from '../web/create-app.ts'

export interface OpenAccountPagesOptions extends Pick<
  WebDependencies['account'],
  'sessions' | 'links' | 'clients' | 'audit' | 'now'
> {
  readonly database: Database
  readonly holdings: Holdings
  /** Whether a renewed card needs a code: nobody else can say whose it is. */
  readonly needsHandOver: boolean
}

/** What `/account` reads and does, on the database. */
export function openAccountPages({
  database,
  holdings,
  needsHandOver,
  ...rest
}: OpenAccountPagesOptions): WebDependencies['account'] {
  const { now } = rest
  const graph = createAccountGraph({ store: createAccountGraphStore(database), now, newId: randomUUID })
  const random = (octets: number) => new Uint8Array(randomBytes(octets))
  return {
    ...rest,
    overviews: createAccountOverviewStore({ database, holdings }),
    handOvers: needsHandOver ? createHandOvers({ handOvers: createHandOverStore(database), now, random }) : undefined,
    close: (accountId) => graph.close(accountId, { actor: 'person', reason: 'closed by the person' }),
  }
}
