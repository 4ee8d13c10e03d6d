import { Refusal } from '../error-registry/refusal.ts'
import type { Interactions, PendingConsent, PendingInteraction } from '../oidc/interactions.ts'
import { isNoConsent } from '../relying-party/consent/consent.ts'
import type { ConsentStore } from '../relying-party/consent/consent-store.ts'
import { describeConsent, type FindApi } from './describe-consent.ts'
import type { Exchange } from './direct/exchange.ts'
import type { Step } from './direct/route-steps.ts'
import { sendPage } from './direct/send.ts'
import type { Locale } from './locale.ts'
import { inOtherLanguage } from './other-language.ts'
import type { Render } from './render.ts'

export interface ConsentPagesDependencies {
  readonly render: Render
  readonly interactions: Pick<Interactions, 'agree' | 'refuse'>
  readonly consents: Pick<ConsentStore, 'decline'>
  readonly findApi: FindApi
  readonly requirePending: (exchange: Exchange) => Promise<PendingInteraction>
  readonly localeOf: (exchange: Exchange, pending: PendingInteraction) => Locale
  /** Towards the site, from a page or from a form. */
  readonly goOn: (exchange: Exchange, address: string) => void
}

type ConsentStep = (exchange: Exchange, pending: PendingInteraction, consent: PendingConsent) => Promise<void>

/**
 * "May this site know you?": asked once for each site and for what is new since then, before the site gets anything (docs/adr/0008).
 * Whoever goes back instead is recorded too, and the site hears access_denied.
 */
export function createConsentPages(deps: ConsentPagesDependencies): {
  readonly ask: ConsentStep
  readonly agree: Step
  readonly decline: ConsentStep
} {
  const { interactions, consents, findApi, render, requirePending, localeOf, goOn } = deps

  return {
    ask: async (exchange, pending, consent) => {
      const locale = localeOf(exchange, pending)
      const { policyUri, tosUri } = consent
      sendPage(
        exchange.res,
        render(
          'interaction/consent',
          { locale, titleKey: 'consent.title', otherLanguageHref: inOtherLanguage(exchange, locale) },
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
    },

    agree: async (exchange) => {
      const { consent } = await requirePending(exchange)
      const address = consent && (await interactions.agree(exchange.req, exchange.res))
      if (address === undefined) throw new Refusal('SIGNIN_INTERACTION_NOT_FOUND', 'nobody is asked for a consent here')
      goOn(exchange, address)
    },

    decline: async (exchange, { clientId }, { accountId }) => {
      await consents.decline(accountId, clientId)
      goOn(exchange, await interactions.refuse(exchange.req, exchange.res, 'AGENT_CANCELLED'))
    },
  }
}
