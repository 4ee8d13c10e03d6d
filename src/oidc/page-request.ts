import type { KoaContextWithOIDC } from 'oidc-provider'
import type { PageRequest } from './provider-pages.ts'

/** The language wishes of a request, from the authorization request where there is one, else from the browser. */
export function pageRequestOf(ctx: KoaContextWithOIDC): PageRequest {
  const uiLocales = ctx.oidc.params?.['ui_locales']
  return {
    uiLocales: typeof uiLocales === 'string' ? uiLocales : undefined,
    acceptLanguage: ctx.get('accept-language') || undefined,
  }
}
