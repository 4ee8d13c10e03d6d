import type { ApiRoute } from './api/define-api-route.ts'
import type { PageRoute } from './define-page.ts'

/**
 * All there is under `/admin`. The router, the navigation, the OpenAPI document and the authorisation matrix are made of these two
 * lists and of nothing else: a page or route that is not in them does not exist.
 */
export interface AdminRoutes {
  readonly pages: readonly PageRoute[]
  readonly api: readonly ApiRoute[]
}

/** What one part of the console brings: its pages and its routes. */
export function collectRoutes(...parts: readonly AdminRoutes[]): AdminRoutes {
  const pages = parts.flatMap((part) => part.pages)
  const api = parts.flatMap((part) => part.api)
  refuseTwice(pages)
  refuseTwice(api)
  return { pages, api }
}

function refuseTwice(routes: readonly { readonly method: string; readonly path: string }[]): void {
  const names = routes.map(({ method, path }) => `${method} ${path}`)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) throw new Error(`two routes are ${twice}`)
}
