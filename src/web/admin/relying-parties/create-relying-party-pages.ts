import type { AdminRoutes } from '../admin-routes.ts'
import { createSiteApi } from './api-routes.ts'
import { createEditPages } from './edit-pages.ts'
import { createImportPages } from './import-pages.ts'
import { createLinkPages } from './link-pages.ts'
import { createListPage } from './list-page.ts'
import { createRegisterPages } from './register-pages.ts'
import { createSecretPage } from './secret-page.ts'
import type { SiteDependencies } from './site-dependencies.ts'
import { createSitePage } from './site-page.ts'
import { createStatusPages } from './status-pages.ts'
import { createTryPage } from './try-page.ts'

/** The sites that may send people here, as administrators look after them. */
export function createRelyingPartyPages(deps: SiteDependencies): AdminRoutes {
  return {
    pages: [
      createListPage(deps),
      ...createRegisterPages(deps),
      ...createImportPages(deps),
      createSitePage(deps),
      ...createEditPages(deps),
      createSecretPage(deps),
      ...createStatusPages(deps),
      createTryPage(deps),
      ...createLinkPages(deps),
    ],
    api: createSiteApi(deps),
  }
}
