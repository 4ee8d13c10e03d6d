import type { RequestListener } from 'node:http'
import express from 'express'
import { fileURLToPath } from 'node:url'
import { Refusal } from '../error-registry/refusal.ts'
import type { Interactions } from '../oidc/interactions.ts'
import type { DynamicRegistration } from '../relying-party/dynamic/create-dynamic-registration.ts'
import type { ConsentStore } from '../relying-party/consent/consent-store.ts'
import { LINK_PATH, type LinkTickets } from '../relying-party/link/create-link-tickets.ts'
import { OWN_API_PATH } from '../relying-party/own-api.ts'
import type { RateLimits } from '../sign-in/rate-limits.ts'
import type { SignIn } from '../sign-in/sign-in.ts'
import type { AccountNotices } from '../subject/notice/account-notices.ts'
import { createAccountPages, type AccountPagesDependencies } from './account-pages.ts'
import { createAgentApi } from './agent-api.ts'
import { createAgentPages } from './agent/agent-pages.ts'
import { createButtonPages } from './button/button-pages.ts'
import { answerErrors, showRefusals, toRefusal } from './answer-errors.ts'
import { createClientRegistration } from './client-registration.ts'
import type { FindApi } from './describe-consent.ts'
import { answerDirectly } from './direct/answer-directly.ts'
import { targetOf } from './direct/exchange.ts'
import { routeSteps } from './direct/route-steps.ts'
import type { LostCookie } from './explain-lost-cookie.ts'
import { createHealthPages, type HealthPagesDependencies } from './health.ts'
import { createLinkApi, type LinkApiDependencies } from './link-api.ts'
import type { LinkCookie } from './link-cookie.ts'
import { createLinkPages } from './link-pages.ts'
import { countRequests, limitRate } from './limit-rate.ts'
import type { Locale } from './locale.ts'
import { localeOfExchange, localeOfRequest } from './locale-of-request.ts'
import type { Render } from './render.ts'
import { securityHeaders, setHeaders } from './security-headers.ts'
import { otherLanguageHref } from './other-language.ts'
import { createSignInPages } from './sign-in-pages.ts'

export interface WebDependencies {
  readonly issuer: string
  readonly agentOrigin: string
  /** What `npm run build:agent` made, to hand out; or undefined. */
  readonly agentDownloadsDirectory: string | undefined
  readonly defaultLocale: Locale
  readonly render: Render
  readonly publicDirectory: URL
  readonly signIn: SignIn
  readonly interactions: Interactions
  readonly account: Pick<
    AccountPagesDependencies,
    'sessions' | 'overviews' | 'links' | 'clients' | 'handOvers' | 'close' | 'audit' | 'now'
  >
  readonly links: Pick<LinkApiDependencies, 'tokens' | 'accounts' | 'titleOf'> & {
    readonly tickets: LinkTickets
    readonly cookie: LinkCookie
  }
  readonly consents: ConsentStore
  readonly notices: AccountNotices
  readonly findApi: FindApi
  /** RFC 7591; without it the address does not exist. */
  readonly registration?: DynamicRegistration | undefined
  readonly health: HealthPagesDependencies
  readonly rateLimits: RateLimits
  readonly newIncidentId: () => string
  /** A browser came back without its sign-in's cookie. */
  readonly onLostCookie: (lost: LostCookie) => void
  /** For the operator's log; `incidentId` is what the person was shown. */
  readonly onRefusal: (refusal: Refusal, incidentId: string) => void
}

/**
 * Our pages and the agent's API. The OpenID endpoints never pass through here (main/http-server.ts), and what every log-in asks for does not
 * pass through express.
 */
export function createApp(deps: WebDependencies): RequestListener {
  const { issuer, agentOrigin, defaultLocale, render, newIncidentId, onRefusal } = deps
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  // main/prepare-request.ts is the proxy that is meant: it leaves one address, the client's
  app.set('trust proxy', 1)
  app.set('query parser', 'simple')
  app.set('case sensitive routing', true)

  app.use('/health', createHealthPages(deps.health))
  const headers = securityHeaders({ agentOrigin, https: issuer.startsWith('https:') })
  app.use(setHeaders(headers))
  app.use(
    '/assets',
    express.static(fileURLToPath(deps.publicDirectory), { index: false, maxAge: '1h', redirect: false }),
  )

  const buttonDirectory = new URL('button/', deps.publicDirectory)
  app.use(createButtonPages({ issuer, render, defaultLocale, buttonDirectory }))

  if (deps.registration !== undefined) {
    const limited = limitRate(deps.rateLimits, 'register')
    app.use('/register', createClientRegistration({ registration: deps.registration, limitRate: limited }))
  }
  const { agentDownloadsDirectory: downloadsDirectory } = deps
  app.use('/agent', createAgentPages({ issuer, render, defaultLocale, downloadsDirectory }))
  const agent = createAgentApi({
    signIn: deps.signIn,
    issuer,
    countRequest: countRequests(deps.rateLimits, 'agent'),
    toRefusal: (fault) => {
      const refusal = toRefusal(fault)
      onRefusal(refusal, newIncidentId())
      return refusal
    },
  })
  // what else is asked for there is told so as an agent is told
  app.use('/agent', (req, res) => agent(req, res, targetOf({ url: req.originalUrl })))

  app.use(
    OWN_API_PATH,
    createLinkApi({
      ...deps.links,
      rateLimits: deps.rateLimits,
      limitRate: limitRate(deps.rateLimits, 'api'),
      now: deps.account.now,
      toRefusal,
      newIncidentId,
      onRefusal,
    }),
  )

  app.use((_req, res, next) => {
    res.set('Cache-Control', 'no-store')
    next()
  })
  app.use(
    '/account',
    createAccountPages({ ...deps, ...deps.account, limitRate: limitRate(deps.rateLimits, 'account') }),
  )
  app.use(
    LINK_PATH,
    createLinkPages({
      ...deps.account,
      ...deps.links,
      issuer,
      render,
      defaultLocale,
      limitRate: limitRate(deps.rateLimits, 'link', ({ params }) => params['id']),
    }),
  )
  app.get('/', (req, res) => {
    const locale = localeOfRequest(req, defaultLocale)
    const page = { locale, titleKey: 'home.title', otherLanguageHref: otherLanguageHref(req, locale) }
    res.send(render('home', page, { issuer }))
  })
  app.get('/privacy', (req, res) => {
    const locale = localeOfRequest(req, defaultLocale)
    const page = { locale, titleKey: 'privacy.title', otherLanguageHref: otherLanguageHref(req, locale) }
    res.send(render('privacy', page, { issuer }))
  })

  app.use(() => {
    throw new Refusal('SERVER_PAGE_NOT_FOUND')
  })
  const errors = { render, defaultLocale, toRefusal, newIncidentId, onRefusal }
  app.use(answerErrors(errors))

  const countRequest = countRequests(deps.rateLimits, 'interaction')
  const show = showRefusals(errors)
  return answerDirectly({
    headers,
    agent,
    interactions: routeSteps(createSignInPages({ ...deps, now: deps.account.now, countRequest }), (exchange, fault) => {
      show(exchange.res, fault, localeOfExchange(exchange, defaultLocale))
    }),
    others: app,
  })
}
