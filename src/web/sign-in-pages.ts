import { providerName } from '@sekisho/protocol'
import { ERROR_REGISTRY, isErrorCode, type ErrorCode } from '../error-registry/registry.ts'
import { Refusal } from '../error-registry/refusal.ts'
import { currentRequest } from '../observability/request-context.ts'
import type { Interactions, PendingInteraction } from '../oidc/interactions.ts'
import type { Completion } from '../sign-in/complete-sign-in.ts'
import type { SignIn } from '../sign-in/sign-in.ts'
import type { AccountNotices } from '../subject/notice/account-notices.ts'
import { createChoicePages } from './choice-pages.ts'
import { codeOfLost, explainLostCookie, type LostCookie } from './explain-lost-cookie.ts'
import { createConsentPages, type ConsentPagesDependencies } from './consent-pages.ts'
import type { Locale } from './locale.ts'
import { createNoticePages } from './notice-pages.ts'
import { localeOfExchange } from './locale-of-request.ts'
import { trustCommand } from './agent/trust-command.ts'
import type { Exchange } from './direct/exchange.ts'
import type { Step, Steps } from './direct/route-steps.ts'
import { redirect, sendPage } from './direct/send.ts'
import { addressOf, type CountRequest } from './limit-rate.ts'
import { inOtherLanguage } from './other-language.ts'
import type { Render } from './render.ts'
import { refuseOtherOrigins } from './require-same-origin.ts'

export interface SignInPagesDependencies extends Pick<ConsentPagesDependencies, 'consents' | 'findApi'> {
  readonly interactions: Interactions
  readonly signIn: Pick<SignIn, 'openTicket' | 'completeSignIn' | 'chooseAccount' | 'abandon'>
  readonly notices: AccountNotices
  readonly now: () => Date
  readonly issuer: string
  /** Where the person's own agent listens, `http://127.0.0.1:24815`. */
  readonly agentOrigin: string
  readonly render: Render
  readonly defaultLocale: Locale
  readonly countRequest: CountRequest
  /** For the operator’s log: the most frequent trouble of a new installation. */
  readonly onLostCookie: (lost: LostCookie) => void
}

/**
 * The pages of one interaction, all under its own path because its cookie is bound to that path:
 * who asks → to the agent → back with a completion code → may the site know it → on to the site.
 */
export function createSignInPages(deps: SignInPagesDependencies): Steps {
  const { interactions, signIn, issuer, agentOrigin, render, defaultLocale } = deps
  const agentPage = new URL('/sign-in', agentOrigin)
  agentPage.searchParams.set('provider', providerName(issuer))
  const trust = trustCommand(issuer)

  const localeOf = (exchange: Exchange, pending: PendingInteraction | undefined): Locale =>
    localeOfExchange(exchange, defaultLocale, pending?.uiLocales)

  /** The interaction is read while the request is counted. Whoever asks for it next is told what became of it. */
  const counted =
    (step: Step): Step =>
    async (exchange) => {
      const { req, res, id } = exchange
      interactions.find(req, res).catch(() => undefined)
      await deps.countRequest(addressOf(req), id)
      return step(exchange)
    }

  const ownForm = (step: Step): Step =>
    counted((exchange) => {
      refuseOtherOrigins(exchange.req, issuer)
      return step(exchange)
    })

  /** The interaction in the address, if this browser holds its cookie. */
  const pendingOf = async ({ req, res, id }: Exchange): Promise<PendingInteraction | undefined> => {
    const pending = await interactions.find(req, res)
    return pending?.id === id ? pending : undefined
  }

  const requirePending = async (exchange: Exchange): Promise<PendingInteraction> => {
    const pending = await pendingOf(exchange)
    if (pending !== undefined) return pending
    const { req, res, id } = exchange
    const why = await interactions.whyLost(req, res, id)
    const hasCookies = req.headers.cookie !== undefined
    const lost = explainLostCookie(why, { hasCookies, arrival: currentRequest()?.arrival })
    if (lost !== undefined) deps.onLostCookie(lost)
    throw new Refusal(codeOfLost(why))
  }

  /**
   * Towards the site. A form is answered with a page that goes on by itself: Chromium would hold the site to our `form-action`
   * (docs/adr/0002).
   */
  const goOn = (exchange: Exchange, address: string): void => {
    if (exchange.req.method !== 'POST') {
      redirect(exchange, address)
      return
    }
    const locale = localeOf(exchange, undefined)
    const page = { locale, titleKey: 'goOn.title', refreshTo: address }
    sendPage(exchange.res, render('interaction/go-on', page, { address }))
  }

  const drawSignIn = (exchange: Exchange, pending: PendingInteraction): void => {
    const { res } = exchange
    const locale = localeOf(exchange, pending)
    const refused = refusedCode(exchange.query('refused'))
    if (refused !== undefined) res.statusCode = 403
    // public/find-agent.js asks there, after a click
    const policy = String(res.getHeader('Content-Security-Policy') ?? '')
    res.setHeader('Content-Security-Policy', `${policy};connect-src ${agentOrigin}`)
    sendPage(
      res,
      render(
        'interaction/sign-in',
        { locale, titleKey: 'interaction.title', otherLanguageHref: inOtherLanguage(exchange, locale) },
        {
          refused,
          action: `/interaction/${pending.id}/card?lang=${locale}`,
          cancelHref: `/interaction/${pending.id}/cancel`,
          clientName: pending.clientName(locale),
          clientOrigin: pending.clientOrigin,
          sharesSubject: pending.sharesSubject,
          presence: `${agentOrigin}/presence`,
          trust,
        },
      ),
    )
  }

  const openTicket: Step = async (exchange) => {
    const pending = await requirePending(exchange)
    const locale = localeOf(exchange, pending)
    const ticket = await signIn.openTicket({
      interactionId: pending.id,
      clientId: pending.clientId,
      relyingParty: { name: pending.clientName(locale), origin: pending.clientOrigin },
      revocationPolicy: pending.revocationPolicy,
      locale,
    })
    redirect(exchange, `${agentPage.href}&ticket=${encodeURIComponent(ticket)}`)
  }

  const conclude = async (exchange: Exchange, completion: Completion): Promise<void> => {
    const { req, res, id } = exchange
    const page = `/interaction/${encodeURIComponent(id)}`
    if (completion.outcome === 'signed-in') {
      const address = await interactions.finish(req, res, completion)
      // what others did to the account is told before anything else
      const { hasNews = (await deps.notices.untold(completion.accountId)).length > 0 } = completion
      if (hasNews) redirect(exchange, `${page}/notice`)
      else goOn(exchange, address)
    } else if (completion.outcome === 'choice-needed') {
      const { choiceToken, medium, refused } = completion
      const query = { choice: choiceToken, medium, ...(refused === undefined ? {} : { refused }) }
      redirect(exchange, `${page}/choice?${new URLSearchParams(query).toString()}`)
    } else if (completion.code === 'AGENT_CANCELLED') {
      goOn(exchange, await interactions.refuse(req, res, completion.code))
    } else {
      redirect(exchange, `${page}?refused=${completion.code}`)
    }
  }

  const complete: Step = async (exchange) => {
    const pending = await pendingOf(exchange)
    await conclude(exchange, await signIn.completeSignIn(exchange.query('code'), pending?.id))
  }

  const consent = createConsentPages({ ...deps, requirePending, localeOf, goOn })
  const choice = createChoicePages({ ...deps, requirePending, localeOf, conclude })
  const notice = createNoticePages({ ...deps, requirePending, localeOf })

  // A link, not a form: the answer leads to the site and on wherever the site likes (docs/adr/0002)
  const cancel: Step = async (exchange) => {
    const pending = await requirePending(exchange)
    if (pending.consent !== undefined) {
      await consent.decline(exchange, pending, pending.consent)
      return
    }
    const code = refusedCode(exchange.query('refused'))
    // only what a source could not say is passed on as such; the rest is the person's own decision
    const told =
      code !== undefined && ERROR_REGISTRY[code].oauth === 'temporarily_unavailable' ? code : 'AGENT_CANCELLED'
    await signIn.abandon(pending.clientId)
    goOn(exchange, await interactions.refuse(exchange.req, exchange.res, told))
  }

  return {
    '': {
      GET: async (exchange) => {
        const pending = await requirePending(exchange)
        if (pending.consent === undefined) drawSignIn(exchange, pending)
        else await consent.ask(exchange, pending, pending.consent)
      },
    },
    '/card': { POST: ownForm(openTicket) },
    '/complete': { GET: counted(complete) },
    '/choice': { GET: choice.ask, POST: ownForm(choice.answer) },
    '/consent': { POST: ownForm(consent.agree) },
    '/notice': { GET: counted(notice.tell) },
    '/notice/read': { GET: counted(notice.markRead) },
    '/cancel': { GET: counted(cancel) },
  }
}

function refusedCode(value: unknown): ErrorCode | undefined {
  return typeof value === 'string' && isErrorCode(value) ? value : undefined
}
