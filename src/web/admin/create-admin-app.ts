import { fileURLToPath } from 'node:url'
import express, { type Express, type RequestHandler } from 'express'
import type { AdminSessionStore } from '../../administration/admin-session.ts'
import type { Administrators } from '../../administration/create-administrators.ts'
import { Refusal } from '../../error-registry/refusal.ts'
import type { ConsoleSignIn } from '../../oidc/console-sign-in.ts'
import type { RateLimits } from '../../sign-in/rate-limits.ts'
import { toRefusal } from '../answer-errors.ts'
import { limitRate } from '../limit-rate.ts'
import type { Locale } from '../locale.ts'
import type { Translate } from '../messages.ts'
import type { Render } from '../render.ts'
import type { AdminJournal } from './admin-journal.ts'
import type { AdminRoutes } from './admin-routes.ts'
import { answerConsoleErrors } from './answer-console-errors.ts'
import { createConsoleCookies } from './console-cookies.ts'
import { createConsoleGate } from './console-gate.ts'
import { consoleHeaders } from './console-headers.ts'
import { createConsolePages } from './console-pages.ts'
import { createDrawConsole } from './draw-console.ts'
import { createAskToSignIn, createSessionPages } from './session-pages.ts'

export interface AdminAppDependencies {
  /** Of the console: never the issuer's. */
  readonly origin: string
  readonly routes: AdminRoutes
  /** `/admin/api/v1`; authenticates by itself, and never by a cookie. */
  readonly api: RequestHandler
  readonly sessions: AdminSessionStore
  readonly administrators: Administrators
  readonly signIn: ConsoleSignIn
  readonly journal: AdminJournal
  readonly render: Render
  readonly translate: Readonly<Record<Locale, Translate>>
  readonly defaultLocale: Locale
  readonly publicDirectory: URL
  readonly rateLimits: RateLimits
  readonly random: (octets: number) => Uint8Array
  readonly now: () => Date
  readonly newIncidentId: () => string
  readonly onRefusal: (refusal: Refusal, incidentId: string) => void
}

/** The console: an application of its own, for a listener and an origin of its own. */
export function createAdminApp(deps: AdminAppDependencies): Express {
  const { origin, routes, sessions, journal, now } = deps
  const https = origin.startsWith('https:')
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  // main/prepare-request.ts is the proxy that is meant: it leaves one address, the client's
  app.set('trust proxy', 1)
  app.set('query parser', 'simple')
  app.set('case sensitive routing', true)

  app.use(consoleHeaders({ https }))
  app.use(
    '/assets',
    express.static(fileURLToPath(deps.publicDirectory), { index: false, maxAge: '1h', redirect: false }),
  )
  app.use((_req, res, next) => {
    res.set('Cache-Control', 'no-store')
    next()
  })
  app.use('/admin/api/v1', deps.api)

  const cookies = createConsoleCookies({ https })
  const gate = createConsoleGate({ origin, sessions, cookies, journal, now })
  const draw = createDrawConsole({ ...deps, cookies, pages: routes.pages })
  const limited = limitRate(deps.rateLimits, 'admin')
  app.use('/admin', createSessionPages({ ...deps, pages: routes.pages, gate, draw, cookies, limitRate: limited }))
  app.use(
    '/admin',
    createConsolePages({
      pages: routes.pages,
      gate,
      draw,
      sessions,
      askToSignIn: createAskToSignIn({ draw, cookies }),
      limitRate: limited,
      now,
    }),
  )
  app.get('/', (_req, res) => {
    res.redirect(303, '/admin')
  })
  app.use(() => {
    throw new Refusal('SERVER_PAGE_NOT_FOUND')
  })
  app.use(answerConsoleErrors({ ...deps, draw, toRefusal }))
  return app
}
