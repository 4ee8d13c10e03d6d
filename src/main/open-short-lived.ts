import type { ChoiceStore } from '../sign-in/choice-store.ts'
import type { TicketStore } from '../sign-in/ticket-store.ts'
import { createChoiceStore } from '../storage/choice-store.ts'
import type { Database } from '../storage/database.ts'
import { createOidcArtifactStore, type OidcArtifactStore } from '../storage/oidc-artifact-store.ts'
import { createSignInTicketStore } from '../storage/sign-in-ticket-store.ts'
import type { CleaningJob } from './clean-expired.ts'

/** What lives for seconds to days and may be lost without anybody losing an account. */
export interface ShortLived {
  readonly artifacts: OidcArtifactStore
  readonly tickets: TicketStore
  readonly choices: ChoiceStore
  /** Empty where the store forgets by itself. */
  readonly cleaningJobs: readonly CleaningJob[]
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
  }
}
