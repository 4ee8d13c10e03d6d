import type { ErrorCode } from '../error-registry/registry.ts'
import type { ProviderPages, PageRequest } from '../oidc/provider-pages.ts'
import { chooseLocale, type Locale } from './locale.ts'
import type { Render } from './render.ts'

/** Our pages on the OpenID endpoints: errors that cannot go back to a site, and log-out. */
export function createProviderPages(render: Render, defaultLocale: Locale): ProviderPages {
  const localeOf = ({ uiLocales, acceptLanguage }: PageRequest): Locale =>
    chooseLocale({ uiLocales, acceptLanguage }, defaultLocale)

  return {
    error: (page, { error, description, incidentId }) => {
      const code: ErrorCode = 'CLIENT_REQUEST_INVALID'
      const context = { locale: localeOf(page), titleKey: `errors.${code}.title` }
      return render('error', context, { code, incidentId, forDevelopers: { error, description } })
    },
    refusal: (page, { code, incidentId }) =>
      render(
        'error',
        { locale: localeOf(page), titleKey: `errors.${code}.title` },
        { code, incidentId, forDevelopers: undefined },
      ),
    confirmLogout: (page, form) => render('logout', { locale: localeOf(page), titleKey: 'logout.title' }, { form }),
    loggedOut: (page, clientName) => {
      const locale = localeOf(page)
      return render('logged-out', { locale, titleKey: 'loggedOut.title' }, { clientName: clientName?.(locale) })
    },
    autoSubmit: (page, form) =>
      render('auto-submit', { locale: localeOf(page), titleKey: 'autoSubmit.title' }, { form }),
  }
}
