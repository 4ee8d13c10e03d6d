import { randomBytes } from 'node:crypto'
import type { AuditActor } from '../audit/audit-event.ts'
import type { Config } from '../config/config.ts'
import type { Health } from '../observability/health/create-health.ts'
import type { LoadClient } from '../oidc/load-client.ts'
import type { ClientWork } from '../relying-party/client-work.ts'
import type { ExternalAccounts } from '../relying-party/link/create-external-accounts.ts'
import { createAuditBrowser } from '../storage/audit-browser.ts'
import { createAuditCountStore } from '../storage/audit-count-store.ts'
import type { Database } from '../storage/database.ts'
import { createEndingCertificates } from '../storage/ending-certificates.ts'
import { createMergeCandidates } from '../storage/merge-candidates.ts'
import { createProposalStore } from '../storage/proposal-store.ts'
import type { AdminRoutes } from '../web/admin/admin-routes.ts'
import { createAuditPages } from '../web/admin/audit/audit-pages.ts'
import { createOverviewPages } from '../web/admin/overview/overview-page.ts'
import { createRelyingPartyPages } from '../web/admin/relying-parties/create-relying-party-pages.ts'
import type { FindApi } from '../web/describe-consent.ts'
import { keysOfDatabase } from './audit/keys-of-database.ts'
import { importAuditKeys } from './audit/public-audit-keys.ts'

export interface SiteAdministrationOptions {
  readonly config: Pick<Config, 'issuer' | 'auditKeepDays'>
  readonly database: Database
  readonly clientWork: ClientWork<AuditActor>
  readonly builtIn: readonly string[]
  readonly links: Pick<ExternalAccounts, 'list' | 'remove'>
  readonly findApi: FindApi
  readonly loadClient: LoadClient
  readonly health: Health
  readonly now: () => Date
}

/** What the console and its API show of sites, of the server itself, and of what was done: the parts on the database. */
export function openSiteAdministration(options: SiteAdministrationOptions): readonly AdminRoutes[] {
  const { config, database, clientWork, builtIn, links, findApi, loadClient, health, now } = options
  const browser = createAuditBrowser(database)
  const proposals = createProposalStore(database)
  const candidates = createMergeCandidates(database)
  return [
    createOverviewPages({
      counts: createAuditCountStore(database),
      health,
      audit: browser,
      openProposals: () => proposals.countOpen(now()),
      openCandidates: () => candidates.countOpen(),
      endingCertificates: createEndingCertificates({ database, now }),
      now,
    }),
    createRelyingPartyPages({
      work: clientWork,
      issuer: config.issuer,
      findApi,
      links,
      loadAsProvider: loadClient,
      drawId: () => randomBytes(16).toString('base64url'),
      builtIn,
      now,
    }),
    createAuditPages({
      browser,
      keys: async () => {
        const jwks = await keysOfDatabase(database)
        return { jwks, byId: importAuditKeys(jwks) }
      },
      keepDays: config.auditKeepDays,
      now,
    }),
  ]
}
