import type { FinishedInteraction, Interactions, PendingInteraction } from '../oidc/interactions.ts'
import type { AccountNotices } from '../subject/notice/account-notices.ts'
import { describeNotices } from './describe-notices.ts'
import type { Exchange } from './direct/exchange.ts'
import type { Step } from './direct/route-steps.ts'
import { redirect, sendPage } from './direct/send.ts'
import type { Locale } from './locale.ts'
import { inOtherLanguage } from './other-language.ts'
import type { Render } from './render.ts'

export interface NoticePagesDependencies {
  readonly render: Render
  readonly interactions: Pick<Interactions, 'finished'>
  readonly notices: AccountNotices
  readonly now: () => Date
  readonly requirePending: (exchange: Exchange) => Promise<PendingInteraction>
  readonly localeOf: (exchange: Exchange, pending: PendingInteraction) => Locale
}

/**
 * What administrators did to the account since its person was last here: told once, between the tap and the site, and gone on from by one
 * link. (A link, not a form: where it leads to is the site's. docs/adr/0002)
 */
export function createNoticePages(deps: NoticePagesDependencies): { readonly tell: Step; readonly markRead: Step } {
  const { interactions, notices, render, requirePending, localeOf } = deps

  const finishedOf = async ({ req, res }: Exchange, pending: PendingInteraction) => {
    const finished = await interactions.finished(req, res)
    return finished?.id === pending.id ? finished : undefined
  }

  const withFinished =
    (answer: (found: FinishedInteraction, pending: PendingInteraction, exchange: Exchange) => Promise<void>): Step =>
    async (exchange) => {
      const pending = await requirePending(exchange)
      const finished = await finishedOf(exchange, pending)
      if (finished === undefined) redirect(exchange, `/interaction/${pending.id}`)
      else await answer(finished, pending, exchange)
    }

  return {
    tell: withFinished(async ({ accountId, returnTo }, pending, exchange) => {
      const locale = localeOf(exchange, pending)
      const [newest, ...older] = await notices.untold(accountId)
      if (newest === undefined) {
        // read in another window meanwhile
        redirect(exchange, returnTo)
        return
      }
      sendPage(
        exchange.res,
        render(
          'interaction/notice',
          { locale, titleKey: 'notices.title', otherLanguageHref: inOtherLanguage(exchange, locale) },
          {
            notices: describeNotices([newest, ...older], locale),
            continueHref: `/interaction/${pending.id}/notice/read?until=${newest.operationId}`,
            clientName: pending.clientName(locale),
          },
        ),
      )
    }),

    markRead: withFinished(async ({ accountId, returnTo }, _pending, exchange) => {
      const until = exchange.query('until')
      if (until !== undefined && UUID.test(until)) await notices.told(accountId, until, deps.now())
      redirect(exchange, returnTo)
    }),
  }
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
