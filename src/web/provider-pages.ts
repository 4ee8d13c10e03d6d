import type { ProviderPages, PageRequest } from '../oidc/provider-pages.ts'
import { chooseLocale, type Locale } from './locale.ts'
import type { Render } from './render.ts'

/** Our pages on the OpenID endpoints: errors that cannot go back to a site, and log-out. */
export function createProviderPages(render: Render, defaultLocale: Locale): ProviderPages {
  const localeOf = ({ uiLocales, acceptLanguage }: PageRequest): Locale =>
    chooseLocale({ uiLocales, acceptLanguage }, defaultLocale)

  return {
    error: (page, { error, description, incidentId }) =>
      render('error', { locale: localeOf(page) }, {
        code: error === 'server_error' ? 'SERVER_FAILED' : 'CLIENT_REQUEST_INVALID',
        incidentId,
        forDevelopers: { error, description },
      }),
    confirmLogout: (page, form) => render('logout', { locale: localeOf(page) }, { form }),
    loggedOut: (page, clientName) => {
      const locale = localeOf(page)
      return render('logged-out', { locale }, { clientName: clientName?.(locale) })
    },
    autoSubmit: (page, form) => render('auto-submit', { locale: localeOf(page) }, { form }),
  }
}
