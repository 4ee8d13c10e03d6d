import type { Config } from '../config/config.ts'
import type { Log } from '../observability/log.ts'
import { createAuditCountStore } from '../storage/audit-count-store.ts'
import type { Database } from '../storage/database.ts'
import { eraseClosedAccounts } from '../storage/erase-accounts.ts'
import { createHandOverStore } from '../storage/hand-over-store.ts'
import { createJobLeader } from '../storage/job-leader.ts'
import type { Outbox } from '../storage/outbox.ts'
import { createProposalStore } from '../storage/proposal-store.ts'
import { createRegistrationTokenStore } from '../storage/registration-token-store.ts'
import { pruneStandingChanges } from '../storage/standing/prune-standing-changes.ts'
import { keepAuditPruned } from './audit/keep-audit-pruned.ts'
import { keepAuditSealed } from './audit/keep-audit-sealed.ts'
import { openAuditSealer } from './audit/open-audit-sealer.ts'
import { carryOutSignOuts } from './carry-out-sign-outs.ts'
import { cleanExpired, type CleaningJob } from './clean-expired.ts'
import type { ShortLived } from './open-short-lived.ts'

export interface JobsDependencies {
  readonly config: Config
  readonly database: Database
  readonly shortLived: Pick<ShortLived, 'holdings' | 'cleaningJobs'>
  readonly outbox: Outbox
  /** What else expires: of the parts that are open. */
  readonly cleaningJobs: readonly CleaningJob[]
  readonly log: Log
  readonly now: () => Date
}

/** What the provider does without being asked: carries out sign-outs, removes what has expired, seals the audit log. */
export function startJobs({ config, database, shortLived, outbox, cleaningJobs, log, now }: JobsDependencies): {
  /** Ends after what is under way. */
  stop(): Promise<void>
} {
  const signOuts = carryOutSignOuts({ outbox, holdings: shortLived.holdings, log, now })
  const auditSealer = openAuditSealer({ database, config, now })
  const sealing = keepAuditSealed(auditSealer, createAuditCountStore(database), log)
  const { auditKeepDays: keepDays } = config
  const pruning = keepDays === undefined ? undefined : keepAuditPruned({ sealer: auditSealer, keepDays, log, now })
  const cleaning = cleanExpired({
    jobs: [
      ...shortLived.cleaningJobs,
      (limit) => createHandOverStore(database).deleteSpent(now(), limit),
      ...cleaningJobs,
      (limit) => eraseClosedAccounts(database, now(), limit),
      (limit) => createProposalStore(database).closeExpired(now(), limit),
      (limit) => createRegistrationTokenStore(database).deleteExpired(now(), limit),
      (limit) => outbox.deleteDone(now(), limit),
      (limit) => pruneStandingChanges(database, now(), limit),
    ],
    leader: createJobLeader(database),
    log,
  })
  return {
    stop: async () => {
      await signOuts.stop()
      await cleaning.stop()
      await pruning?.stop()
      await sealing.stop()
    },
  }
}
