import type { Request, Response } from 'express'
import { mayRole } from '../../administration/permissions.ts'
import { deriveFromSecret } from '../../administration/secret-token.ts'
import { chooseLocale, type Locale } from '../locale.ts'
import type { Translate } from '../messages.ts'
import { otherLanguageHref } from '../other-language.ts'
import type { Render } from '../render.ts'
import type { PageRoute } from './define-page.ts'
import type { Admin } from './caller.ts'
import type { ConsoleCookies } from './console-cookies.ts'

export interface DrawConsoleDependencies {
  readonly render: Render
  readonly translate: Readonly<Record<Locale, Translate>>
  readonly defaultLocale: Locale
  readonly cookies: ConsoleCookies
  readonly pages: readonly PageRoute[]
}

export interface DrawnPage {
  readonly view: string
  readonly titleKey: string
  readonly values?: Readonly<Record<string, unknown>>
  readonly status?: number
  /** Where it goes on by itself: another origin, or a page that needs the session's cookie. */
  readonly refreshTo?: string
}

export interface DrawConsole {
  localeOf(req: Request): Locale
  translateOf(req: Request): Translate
  /** Inside the layout of the console: with navigation when `admin` is given. */
  send(req: Request, res: Response, page: DrawnPage, admin?: Admin): void
}

/** What the token in a form must be: whoever does not have the session's cookie cannot make it (attack 44). */
export function formTokenOf(sessionSecret: string): string {
  return deriveFromSecret(sessionSecret, 'form')
}

const DONE = /^[a-z-]{1,60}$/

/** Every page of the console is drawn here. */
export function createDrawConsole(deps: DrawConsoleDependencies): DrawConsole {
  const { render, translate, defaultLocale, cookies, pages } = deps
  const navigation = pages
    .flatMap(({ nav, method, path, act }) => (nav === undefined || method !== 'get' ? [] : [{ ...nav, path, act }]))
    .sort((one, other) => one.order - other.order)

  const localeOf = (req: Request): Locale => {
    const { lang } = req.query
    const chosen = typeof lang === 'string' ? lang : cookies.language(req)
    return chooseLocale({ chosen, acceptLanguage: req.headers['accept-language'] }, defaultLocale)
  }

  return {
    localeOf,
    translateOf: (req) => translate[localeOf(req)],
    send(req, res, { view, titleKey, values = {}, status = 200, refreshTo }, admin) {
      const locale = localeOf(req)
      const t = translate[locale]
      if (typeof req.query['lang'] === 'string') cookies.setLanguage(res, locale)
      const secret = cookies.session(req)
      const { done } = req.query
      const here = req.originalUrl.split('?')[0] ?? ''
      res.status(status).send(
        render(
          view,
          {
            locale,
            titleKey,
            layout: 'admin/layout',
            refreshTo,
            otherLanguageHref: req.method === 'GET' ? otherLanguageHref(req, locale) : undefined,
          },
          {
            admin: admin && { ...admin, shortId: admin.accountId.slice(0, 8) },
            csrf: admin === undefined || secret === undefined ? '' : formTokenOf(secret),
            nav:
              admin === undefined
                ? []
                : navigation
                    .filter(({ act }) => mayRole(admin.role, act))
                    .map(({ key, path }) => ({
                      href: `/admin${path}`,
                      label: t(`admin.nav.${key}`),
                      isHere: here === `/admin${path}` || (path !== '' && here.startsWith(`/admin${path}/`)),
                    })),
            doneText: typeof done === 'string' && DONE.test(done) && admin !== undefined ? sayDone(t, done) : undefined,
            ...values,
          },
        ),
      )
    },
  }
}

/** What somebody wrote into an address is no fault of ours. */
function sayDone(t: Translate, done: string): string | undefined {
  try {
    return t(`admin.done.${done}`)
  } catch {
    return undefined
  }
}
