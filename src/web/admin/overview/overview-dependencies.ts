import type { AuditBrowser } from '../../../audit/browse/audit-browser.ts'
import type { AuditCountStore } from '../../../audit/count/audit-count-store.ts'
import type { Health } from '../../../observability/health/create-health.ts'

/** What the first page of the console is made of. */
export interface OverviewDependencies {
  readonly counts: Pick<AuditCountStore, 'since'>
  readonly health: Health
  readonly audit: Pick<AuditBrowser, 'head'>
  readonly openProposals: () => Promise<number>
  readonly openCandidates: () => Promise<number>
  /** undefined when they could not be counted in time. */
  readonly endingCertificates: () => Promise<readonly { readonly month: Date; readonly count: number }[] | undefined>
  readonly now: () => Date
}
