import { Router, type Request, type Response } from 'express'
import { Refusal } from '../error-registry/refusal.ts'
import type { Interactions, PendingConsent, PendingInteraction } from '../oidc/interactions.ts'
import { isNoConsent } from '../relying-party/consent/consent.ts'
import type { ConsentStore } from '../relying-party/consent/consent-store.ts'
import { describeConsent, type FindApi } from './describe-consent.ts'
import type { LimitRate } from './limit-rate.ts'
import type { Locale } from './locale.ts'
import { otherLanguageHref } from './other-language.ts'
import type { Render } from './render.ts'
import { requireSameOrigin } from './require-same-origin.ts'

export interface ConsentPagesDependencies {
  readonly issuer: string
  readonly limitRate: LimitRate
  readonly render: Render
  readonly interactions: Pick<Interactions, 'agree' | 'refuse'>
  readonly consents: Pick<ConsentStore, 'decline'>
  readonly findApi: FindApi
  readonly requirePending: (req: Request, res: Response) => Promise<PendingInteraction>
  readonly localeOf: (req: Request, pending: PendingInteraction) => Locale
  /** Towards the site, from a page or from a form. */
  readonly goOn: (req: Request, res: Response, address: string) => void
}

/**
 * "May this site know you?": asked once for each site and for what is new since then, before the site gets anything (docs/adr/0008).
 * Whoever goes back instead is recorded too, and the site hears access_denied.
 */
export function createConsentPages(deps: ConsentPagesDependencies): Router {
  const { interactions, consents, findApi, render, requirePending, localeOf, goOn } = deps
  const router = Router({ strict: true, caseSensitive: true, mergeParams: true })

  /** The step of an interaction that is about something else is none of ours. */
  const requireConsent = async (
    req: Request,
    res: Response,
  ): Promise<{ readonly pending: PendingInteraction; readonly consent: PendingConsent } | undefined> => {
    const pending = await requirePending(req, res)
    return pending.consent && { pending, consent: pending.consent }
  }

  router.get('/:uid', async (req, res, next) => {
    const found = await requireConsent(req, res)
    if (found === undefined) {
      next()
      return
    }
    const { pending, consent } = found
    const locale = localeOf(req, pending)
    const { policyUri, tosUri } = consent
    res.send(
      render(
        'interaction/consent',
        { locale, titleKey: 'consent.title', otherLanguageHref: otherLanguageHref(req, locale) },
        {
          asked: await describeConsent(consent.asked, locale, findApi),
          before: isNoConsent(consent.before) ? undefined : await describeConsent(consent.before, locale, findApi),
          action: `/interaction/${pending.id}/consent?lang=${locale}`,
          cancelHref: `/interaction/${pending.id}/cancel`,
          clientName: pending.clientName(locale),
          clientOrigin: pending.clientOrigin,
          sharesSubject: pending.sharesSubject,
          policyUri,
          tosUri,
        },
      ),
    )
  })

  router.post('/:uid/consent', deps.limitRate, requireSameOrigin(deps.issuer), async (req, res) => {
    const found = await requireConsent(req, res)
    const address = found && (await interactions.agree(req, res))
    if (address === undefined) throw new Refusal('SIGNIN_INTERACTION_NOT_FOUND', 'nobody is asked for a consent here')
    goOn(req, res, address)
  })

  router.get('/:uid/cancel', deps.limitRate, async (req, res, next) => {
    const found = await requireConsent(req, res)
    if (found === undefined) {
      next()
      return
    }
    await consents.decline(found.consent.accountId, found.pending.clientId)
    goOn(req, res, await interactions.refuse(req, res, 'AGENT_CANCELLED'))
  })

  return router
}
