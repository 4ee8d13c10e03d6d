import { randomBytes, randomUUID } from 'node:crypto'
import { createAccountGraphStore } from '../../src/storage/account-graph-store.ts'
import { createAuditLog } from '../../src/storage/audit-log.ts'
import { createChainStore } from '../../src/storage/chain-store.ts'
import { createCredentialStore } from '../../src/storage/credential-store.ts'
import type { Database } from '../../src/storage/database.ts'
import { createHandOverStore } from '../../src/storage/hand-over-store.ts'
import type { PepperOctets, Peppers } from '../../src/subject/credential-handle.ts'
import { createSubjectResolver } from '../../src/subject/create-subject-resolver.ts'
import { createAccountGraph, type AccountGraph } from '../../src/subject/graph/create-account-graph.ts'
import { createHandOvers, type HandOvers } from '../../src/subject/hand-over/create-hand-overs.ts'
import type { LinkageService } from '../../src/subject/linkage-service.ts'
import type { Resolution, Resolved, SubjectResolver } from '../../src/subject/resolution.ts'

export const PEPPER: PepperOctets = { version: 1, key: Buffer.alloc(32, 1) }
export const NEXT_PEPPER: PepperOctets = { version: 2, key: Buffer.alloc(32, 2) }

export interface SubjectWorldOptions {
  readonly linkage?: LinkageService
  readonly unknownCards?: 'new' | 'ask'
  readonly acceptsPhones?: boolean
  readonly peppers?: Peppers
  readonly now?: () => Date
}

/** src/subject on a real database, as src/main wires it. */
export interface SubjectWorld extends SubjectResolver {
  readonly graph: AccountGraph
  readonly handOvers: HandOvers
}

export function createSubjectWorld(database: Database, options: SubjectWorldOptions = {}): SubjectWorld {
  const { linkage = { style: 'none' }, unknownCards = 'new', acceptsPhones = false, peppers = [PEPPER] } = options
  const { now = () => new Date('2026-11-22T03:00:00Z') } = options
  const handOvers = createHandOverStore(database)
  const resolver = createSubjectResolver({
    store: createCredentialStore(database),
    chains: createChainStore(database),
    handOvers,
    linkage,
    unknownCards,
    acceptsPhones,
    onLinkageUnavailable: () => undefined,
    audit: createAuditLog({ database, now }),
    peppers,
    now,
    random: randomBytes,
    newId: randomUUID,
  })
  return {
    ...resolver,
    graph: createAccountGraph({ store: createAccountGraphStore(database), now, newId: randomUUID }),
    handOvers: createHandOvers({ handOvers, now, random: randomBytes }),
  }
}

/** For tests in which anything else is a failure. */
export async function accepted(resolving: Promise<Resolution>): Promise<Resolved> {
  const resolution = await resolving
  if (resolution.outcome === 'known' || resolution.outcome === 'created') return resolution
  throw new Error(`not accepted: ${JSON.stringify(resolution)}`)
}

const TABLES = ['accounts', 'credentials', 'credential_links', 'merge_candidates', 'subjects', 'audit_events'] as const

/** How many rows there are: what “nothing was written” is measured by. */
export async function countSubjectRows(database: Database): Promise<Readonly<Record<(typeof TABLES)[number], number>>> {
  const counted = await Promise.all(
    TABLES.map(async (table) => {
      const { rows } = await database.query<{ count: number }>(`SELECT count(*)::int AS count FROM ${table}`)
      return [table, rows[0]?.count ?? 0] as const
    }),
  )
  return Object.fromEntries(counted) as Record<(typeof TABLES)[number], number>
}
