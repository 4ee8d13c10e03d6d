import type { ChoiceStore } from '../sign-in/choice-store.ts'
import type { TicketStore } from '../sign-in/ticket-store.ts'
import { createChoiceStore } from '../storage/choice-store.ts'
import type { Database } from '../storage/database.ts'
import { createOidcArtifactStore, type OidcArtifactStore } from '../storage/oidc-artifact-store.ts'
import { createSignInTicketStore } from '../storage/sign-in-ticket-store.ts'
import type { CleaningJob } from './clean-expired.ts'

/** How the place of what is short-lived does, as seen just now. */
export interface ShortLivedHealth {
  /** `database`: in PostgreSQL, whose health is told elsewhere. */
  readonly place: 'database' | 'redis'
  /** `unavailable`: nothing is granted until it is `ok` again. */
  readonly state: 'ok' | 'unavailable'
  /** Why, for an operator: one word, no secret. */
  readonly fault?: 'unreachable' | 'evicting' | undefined
}

/** What lives for seconds to days and may be lost without anybody losing an account. */
export interface ShortLived {
  readonly artifacts: OidcArtifactStore
  readonly tickets: TicketStore
  readonly choices: ChoiceStore
  /** Empty where the store forgets by itself. */
  readonly cleaningJobs: readonly CleaningJob[]
  /** Never rejects; answers within two seconds or so. */
  health(): Promise<ShortLivedHealth>
  close(): Promise<void>
}

export function openShortLived({
  database,
  now,
}: {
  readonly database: Database
  readonly now: () => Date
}): ShortLived {
  const artifacts = createOidcArtifactStore({ database, now })
  const tickets = createSignInTicketStore(database)
  const choices = createChoiceStore(database)
  return {
    artifacts,
    tickets,
    choices,
    cleaningJobs: [
      (limit) => tickets.deleteExpired(now(), limit),
      (limit) => choices.deleteExpired(now(), limit),
      (limit) => artifacts.deleteExpired(limit),
    ],
    health: () => Promise.resolve({ place: 'database', state: 'ok' }),
    close: () => Promise.resolve(),
  }
}
