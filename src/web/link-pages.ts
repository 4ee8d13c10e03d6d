import express, { Router, type Request, type RequestHandler, type Response } from 'express'
import { Refusal } from '../error-registry/refusal.ts'
import { LINK_CALLBACK_PATH, type AccountSession, type AccountSessions } from '../oidc/account-sessions.ts'
import { LINK_PATH, type LinkTickets, type OpenedLinkTicket } from '../relying-party/link/create-link-tickets.ts'
import type { AccountOverviewStore } from '../subject/account-overview.ts'
import { writeDay, writeMoment } from './describe-overview.ts'
import { LINK_TICKETS_PATH, type LinkCookie } from './link-cookie.ts'
import { linkResultAddress, type LinkResult } from './link-result-address.ts'
import type { Locale } from './locale.ts'
import { localeOfRequest } from './locale-of-request.ts'
import type { LimitRate } from './limit-rate.ts'
import { otherLanguageHref } from './other-language.ts'
import type { Render } from './render.ts'
import { requireSameOrigin } from './require-same-origin.ts'

export interface LinkPagesDependencies {
  readonly issuer: string
  readonly tickets: Pick<LinkTickets, 'open' | 'stop' | 'confirm'>
  readonly sessions: AccountSessions
  readonly overviews: Pick<AccountOverviewStore, 'read'>
  readonly cookie: LinkCookie
  readonly now: () => Date
  readonly render: Render
  readonly defaultLocale: Locale
  readonly limitRate: LimitRate
}

/** After the card was tapped, the question is to be answered within this time. */
const FRESH_TAP_MS = 5 * 60_000
const MAX_FORM_BYTES = 1024

/** A ticket that is open, in the browser that opened its address. */
interface Held extends OpenedLinkTicket {
  readonly secret: string
  readonly startedAt: Date | undefined
}

/**
 * A site's user and a card become one, if the person says so (docs/adr/0016): address → who asks, for which user → the card → both sides
 * once more → yes or no. Nothing is used up before that answer; whoever was sent somebody else's link has every chance to stop.
 */
export function createLinkPages(deps: LinkPagesDependencies): Router {
  const { issuer, tickets, sessions, cookie, now, render, defaultLocale, limitRate } = deps
  const router = Router({ strict: true, caseSensitive: true })

  const localeOf = (req: Request): Locale => localeOfRequest(req, defaultLocale)
  const pageOf = (ticketId: string): string => `${LINK_TICKETS_PATH}/${ticketId}`
  const idOf = (req: Request): string => String(req.params['id'])

  /** @throws Refusal LINK_TICKET_OTHER_BROWSER, or why the ticket is over */
  const requireHeld = async (req: Request): Promise<Held> => {
    const held = cookie.read(req, idOf(req))
    const opened = held && (await tickets.open(held.secret))
    // a cookie can be planted by a sibling subdomain: it must be of this very page
    if (held === undefined || opened?.ticket.id !== idOf(req)) throw new Refusal('LINK_TICKET_OTHER_BROWSER')
    return { ...opened, ...held }
  }

  /** Whose card was tapped for this ticket, after the person had read what it is; undefined: nobody's. */
  const freshSessionOf = async (
    req: Request,
    res: Response,
    { startedAt }: Held,
  ): Promise<AccountSession | undefined> => {
    const session = await sessions.find(req, res)
    if (session === undefined || startedAt === undefined) return undefined
    const age = now().getTime() - session.signedInAt.getTime()
    return session.signedInAt >= startedAt && age <= FRESH_TAP_MS ? session : undefined
  }

  const describe = ({ client, ticket }: OpenedLinkTicket, locale: Locale) => ({
    clientName: client.displayName[locale],
    clientOrigin: originOf(ticket.returnUrl ?? client.redirectUris[0]),
    user: ticket.label,
    externalId: ticket.externalId,
  })

  const showResult = (req: Request, res: Response, opened: OpenedLinkTicket, result: LinkResult): void => {
    const locale = localeOf(req)
    const { id, returnUrl } = opened.ticket
    cookie.clear(res, id)
    const address = returnUrl === undefined ? undefined : linkResultAddress(returnUrl, id, result)
    const code = result.outcome === 'refused' ? result.code : undefined
    res.status(code === undefined ? 200 : new Refusal(code).entry.status).send(
      render(
        'link/done',
        // what went wrong is to be read first
        {
          locale,
          titleKey: `link.done.${result.outcome}`,
          refreshTo: result.outcome === 'linked' ? address : undefined,
        },
        { ...describe(opened, locale), outcome: result.outcome, code, address },
      ),
    )
  }

  // HEAD would answer without the page, and a page is all that this is
  router.use((req, _res, next) => {
    if (req.method === 'HEAD') throw new Refusal('SERVER_METHOD_NOT_ALLOWED')
    next()
  })

  router.get(LINK_CALLBACK_PATH.slice(LINK_PATH.length), limitRate, (req, res) => {
    const { state, error } = req.query
    if (typeof state !== 'string' || !UUID.test(state)) throw new Refusal('LINK_TICKET_NOT_FOUND')
    res.redirect(303, `${pageOf(state)}${error === undefined ? '/confirm' : ''}?lang=${localeOf(req)}`)
  })

  router.get('/:secret', limitRate, async (req, res) => {
    // the secret stands in this address, and nobody beyond it is told
    res.set('Referrer-Policy', 'no-referrer')
    const secret = String(req.params['secret'])
    const { ticket } = await tickets.open(secret)
    cookie.give(res, ticket.id, secret)
    res.redirect(303, `${pageOf(ticket.id)}?lang=${localeOf(req)}`)
  })

  router.get('/tickets/:id', limitRate, async (req, res) => {
    const held = await requireHeld(req)
    const locale = localeOf(req)
    res.send(
      render(
        'link/asked',
        { locale, titleKey: 'link.asked.title', otherLanguageHref: otherLanguageHref(req, locale) },
        { ...describe(held, locale), page: pageOf(held.ticket.id) },
      ),
    )
  })

  const form: readonly RequestHandler[] = [
    limitRate,
    requireSameOrigin(issuer),
    express.urlencoded({ extended: false, limit: MAX_FORM_BYTES, parameterLimit: 10 }),
  ]

  router.post('/tickets/:id/start', ...form, async (req, res) => {
    const { ticket, secret } = await requireHeld(req)
    cookie.start(res, ticket.id, secret)
    res.redirect(303, sessions.signInAddress({ locale: localeOf(req), freshTap: true, linkTicketId: ticket.id }))
  })

  router.get('/tickets/:id/confirm', limitRate, async (req, res) => {
    const held = await requireHeld(req)
    const locale = localeOf(req)
    const session = await freshSessionOf(req, res, held)
    const overview = session && (await deps.overviews.read(session.accountId, { now: now(), signIns: 1 }))
    if (session === undefined || overview === undefined) {
      res.redirect(303, `${pageOf(held.ticket.id)}?lang=${locale}`)
      return
    }
    const card = overview.credentials.find(({ credentialId }) => credentialId === session.credentialId)
    res.send(
      render(
        'link/confirm',
        { locale, titleKey: 'link.confirm.title', otherLanguageHref: otherLanguageHref(req, locale) },
        {
          ...describe(held, locale),
          page: pageOf(held.ticket.id),
          session: session.reference,
          kind: card?.kind ?? 'card-auth',
          since: writeDay(overview.createdAt, locale),
          tapped: writeMoment(session.signedInAt, locale),
          mustConfirm: req.query['missing'] !== undefined,
        },
      ),
    )
  })

  router.post('/tickets/:id/confirm', ...form, async (req, res) => {
    const held = await requireHeld(req)
    const [locale, page] = [localeOf(req), pageOf(held.ticket.id)]
    const session = await freshSessionOf(req, res, held)
    // whose card was shown on the page is whose card is linked: another one may have been tapped in another window
    if (session?.reference !== field(req, 'session')) {
      res.redirect(303, `${page}?lang=${locale}`)
      return
    }
    if (field(req, 'understood') !== 'yes') {
      res.redirect(303, `${page}/confirm?missing&lang=${locale}`)
      return
    }
    const { result, ...opened } = await tickets.confirm(held.secret, session.accountId)
    showResult(req, res, opened, result)
  })

  router.post('/tickets/:id/stop', ...form, async (req, res) => {
    const { secret } = await requireHeld(req)
    showResult(req, res, await tickets.stop(secret), { outcome: 'stopped' })
  })

  return router
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

function field(req: Request, name: string): string {
  const value = (req.body as Readonly<Record<string, unknown>> | undefined)?.[name]
  return typeof value === 'string' ? value : ''
}

function originOf(address: string | undefined): string | undefined {
  if (address === undefined) return undefined
  const { origin, protocol, host } = new URL(address)
  return origin === 'null' ? `${protocol}//${host}` : origin
}
