import type { KoaContextWithOIDC } from 'oidc-provider'
import type { PageRequest } from './provider-pages.ts'

/** The language wishes of a request, from the authorization request where there is one, else from the browser. */
export function pageRequestOf(ctx: KoaContextWithOIDC): PageRequest {
  // outside the library's own routes there is no `oidc`, whatever the types say
  const uiLocales = 'oidc' in ctx ? ctx.oidc.params?.['ui_locales'] : undefined
  return {
    uiLocales: typeof uiLocales === 'string' ? uiLocales : undefined,
    acceptLanguage: ctx.get('accept-language') || undefined,
  }
}
