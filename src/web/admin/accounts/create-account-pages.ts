import { collectRoutes, type AdminRoutes } from '../admin-routes.ts'
import type { AccountPagesDependencies } from './account-dependencies.ts'
import { createAccountRoutes } from './account-page.ts'
import { createCandidatePages } from './candidate-pages.ts'
import { createDecisionPages } from './decision-pages.ts'
import { createProposalApi } from './proposal-api.ts'
import { createProposePages } from './propose-pages.ts'
import { createSearchPage } from './search-page.ts'

/** Accounts, what is proposed about them, and what waits to be decided. */
export function createAccountPages(deps: AccountPagesDependencies): AdminRoutes {
  return collectRoutes(
    createSearchPage(deps),
    createAccountRoutes(deps),
    createProposePages(deps),
    createDecisionPages(deps),
    createCandidatePages(deps),
    createProposalApi(deps),
  )
}
