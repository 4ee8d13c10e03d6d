import type { ErrorCode } from '../error-registry/registry.ts'

/** What a page for a person needs to know of the request that led to it. */
export interface PageRequest {
  /** `ui_locales` of the authorization request, if there was one. */
  readonly uiLocales: string | undefined
  readonly acceptLanguage: string | undefined
}

/**
 * The pages a person may meet on the provider's own endpoints, drawn by `web/`. None of oidc-provider's own pages is left.
 * Each answers whole HTML text.
 */
export interface ProviderPages {
  /** `description` is for the site's developer; the person gets words of ours and the incident id. */
  error(
    page: PageRequest,
    error: { readonly error: string; readonly description: string | undefined; readonly incidentId: string },
  ): string
  /** A refusal of ours, outside of oidc-provider's own errors. */
  refusal(page: PageRequest, refusal: { readonly code: ErrorCode; readonly incidentId: string }): string
  confirmLogout(page: PageRequest, form: { readonly action: string; readonly xsrf: string }): string
  loggedOut(page: PageRequest, clientName: ((locale: 'ja' | 'en') => string) | undefined): string
  /** A form that goes on by itself where scripts run, and by a button where they do not. */
  autoSubmit(
    page: PageRequest,
    form: { readonly action: string; readonly inputs: readonly (readonly [string, string])[] },
  ): string
}
