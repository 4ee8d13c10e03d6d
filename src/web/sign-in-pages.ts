import { Router, type Request, type Response } from 'express'
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
import { localeOfRequest } from './locale-of-request.ts'
import { trustCommand } from './agent/trust-command.ts'
import type { LimitRate } from './limit-rate.ts'
import { otherLanguageHref } from './other-language.ts'
import type { Render } from './render.ts'
import { requireSameOrigin } from './require-same-origin.ts'

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
  readonly limitRate: LimitRate
  /** For the operator’s log: the most frequent trouble of a new installation. */
  readonly onLostCookie: (lost: LostCookie) => void
}

/**
 * The pages of one interaction, all under its own path because its cookie is bound to that path:
 * who asks → to the agent → back with a completion code → may the site know it → on to the site.
 */
export function createSignInPages(dependencies: SignInPagesDependencies): Router {
  const { interactions, signIn, issuer, agentOrigin, render, defaultLocale } = dependencies
  /** The interaction is read while the request is counted. Whoever asks for it next is told what became of it. */
  const limitRate: LimitRate = (req, res, next) => {
    interactions.find(req, res).catch(() => undefined)
    return dependencies.limitRate(req, res, next)
  }
  const deps = { ...dependencies, limitRate }
  const router = Router({ strict: true, caseSensitive: true, mergeParams: true })

  const localeOf = (req: Request, pending: PendingInteraction | undefined): Locale =>
    localeOfRequest(req, defaultLocale, pending?.uiLocales)

  /** The interaction in the address, if this browser holds its cookie. */
  const pendingOf = async (req: Request, res: Response): Promise<PendingInteraction | undefined> => {
    const pending = await interactions.find(req, res)
    return pending?.id === req.params['uid'] ? pending : undefined
  }

  const requirePending = async (req: Request, res: Response): Promise<PendingInteraction> => {
    const pending = await pendingOf(req, res)
    if (pending !== undefined) return pending
    const why = await interactions.whyLost(req, res, String(req.params['uid']))
    const hasCookies = req.headers.cookie !== undefined
    const lost = explainLostCookie(why, { hasCookies, arrival: currentRequest()?.arrival })
    if (lost !== undefined) deps.onLostCookie(lost)
    throw new Refusal(codeOfLost(why))
  }

  /**
   * Towards the site. A form is answered with a page that goes on by itself: Chromium would hold the site to our `form-action`
   * (docs/adr/0002).
   */
  const goOn = (req: Request, res: Response, address: string): void => {
    if (req.method !== 'POST') {
      res.redirect(303, address)
      return
    }
    const locale = localeOf(req, undefined)
    res.send(render('interaction/go-on', { locale, titleKey: 'goOn.title', refreshTo: address }, { address }))
  }

  // HEAD would take a step, and throw away where it led
  router.use((req, _res, next) => {
    if (req.method === 'HEAD') throw new Refusal('SERVER_METHOD_NOT_ALLOWED')
    next()
  })

  router.use(createConsentPages({ ...deps, requirePending, localeOf, goOn }))

  router.get('/:uid', async (req, res) => {
    const pending = await requirePending(req, res)
    const locale = localeOf(req, pending)
    const refused = refusedCode(req.query['refused'])
    if (refused !== undefined) res.status(403)
    // public/find-agent.js asks there, after a click
    const policy = res.get('Content-Security-Policy') ?? ''
    res.set('Content-Security-Policy', `${policy};connect-src ${agentOrigin}`)
    res.send(
      render(
        'interaction/sign-in',
        { locale, titleKey: 'interaction.title', otherLanguageHref: otherLanguageHref(req, locale) },
        {
          refused,
          action: `/interaction/${pending.id}/card?lang=${locale}`,
          cancelHref: `/interaction/${pending.id}/cancel`,
          clientName: pending.clientName(locale),
          clientOrigin: pending.clientOrigin,
          sharesSubject: pending.sharesSubject,
          presence: `${agentOrigin}/presence`,
          trust: trustCommand(issuer),
        },
      ),
    )
  })

  router.post('/:uid/card', limitRate, requireSameOrigin(issuer), async (req, res) => {
    const pending = await requirePending(req, res)
    const locale = localeOf(req, pending)
    const ticket = await signIn.openTicket({
      interactionId: pending.id,
      clientId: pending.clientId,
      relyingParty: { name: pending.clientName(locale), origin: pending.clientOrigin },
      revocationPolicy: pending.revocationPolicy,
      locale,
    })
    const agent = new URL('/sign-in', agentOrigin)
    agent.searchParams.set('provider', providerName(issuer))
    agent.searchParams.set('ticket', ticket)
    res.redirect(303, agent.href)
  })

  const conclude = async (req: Request, res: Response, completion: Completion): Promise<void> => {
    const page = `/interaction/${String(req.params['uid'])}`
    if (completion.outcome === 'signed-in') {
      const address = await interactions.finish(req, res, completion)
      // what others did to the account is told before anything else
      const { hasNews = (await deps.notices.untold(completion.accountId)).length > 0 } = completion
      if (hasNews) res.redirect(303, `${page}/notice`)
      else goOn(req, res, address)
    } else if (completion.outcome === 'choice-needed') {
      const { choiceToken, medium, refused } = completion
      const query = { choice: choiceToken, medium, ...(refused === undefined ? {} : { refused }) }
      res.redirect(303, `${page}/choice?${new URLSearchParams(query).toString()}`)
    } else if (completion.code === 'AGENT_CANCELLED') {
      goOn(req, res, await interactions.refuse(req, res, completion.code))
    } else {
      res.redirect(303, `${page}?refused=${completion.code}`)
    }
  }

  router.get('/:uid/complete', limitRate, async (req, res) => {
    const pending = await pendingOf(req, res)
    await conclude(req, res, await signIn.completeSignIn(req.query['code'], pending?.id))
  })

  router.use(createChoicePages({ ...deps, requirePending, localeOf, conclude }))
  router.use(createNoticePages({ ...deps, requirePending, localeOf }))

  // A link, not a form: the answer leads to the site and on wherever the site likes (docs/adr/0002)
  router.get('/:uid/cancel', limitRate, async (req, res) => {
    const { clientId } = await requirePending(req, res)
    const code = refusedCode(req.query['refused'])
    // only what a source could not say is passed on as such; the rest is the person's own decision
    const told =
      code !== undefined && ERROR_REGISTRY[code].oauth === 'temporarily_unavailable' ? code : 'AGENT_CANCELLED'
    await signIn.abandon(clientId)
    goOn(req, res, await interactions.refuse(req, res, told))
  })

  return router
}

function refusedCode(value: unknown): ErrorCode | undefined {
  return typeof value === 'string' && isErrorCode(value) ? value : undefined
}
