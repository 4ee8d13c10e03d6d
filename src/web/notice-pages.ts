import { Router, type Request, type Response } from 'express'
import type { FinishedInteraction, Interactions, PendingInteraction } from '../oidc/interactions.ts'
import type { AccountNotices } from '../subject/notice/account-notices.ts'
import { describeNotices } from './describe-notices.ts'
import type { LimitRate } from './limit-rate.ts'
import type { Locale } from './locale.ts'
import { otherLanguageHref } from './other-language.ts'
import type { Render } from './render.ts'

export interface NoticePagesDependencies {
  readonly limitRate: LimitRate
  readonly render: Render
  readonly interactions: Pick<Interactions, 'finished'>
  readonly notices: AccountNotices
  readonly now: () => Date
  readonly requirePending: (req: Request, res: Response) => Promise<PendingInteraction>
  readonly localeOf: (req: Request, pending: PendingInteraction) => Locale
}

/**
 * What administrators did to the account since its person was last here: told once, between the tap and the site, and gone on from by one
 * link. (A link, not a form: where it leads to is the site's. docs/adr/0002)
 */
export function createNoticePages(deps: NoticePagesDependencies): Router {
  const { interactions, notices, render, requirePending, localeOf } = deps
  const router = Router({ strict: true, caseSensitive: true, mergeParams: true })

  const finishedOf = async (req: Request, res: Response, pending: PendingInteraction) => {
    const finished = await interactions.finished(req, res)
    return finished?.id === pending.id ? finished : undefined
  }

  const withFinished =
    (answer: (found: FinishedInteraction, pending: PendingInteraction, req: Request, res: Response) => Promise<void>) =>
    async (req: Request, res: Response): Promise<void> => {
      const pending = await requirePending(req, res)
      const finished = await finishedOf(req, res, pending)
      if (finished === undefined) res.redirect(303, `/interaction/${pending.id}`)
      else await answer(finished, pending, req, res)
    }

  router.get(
    '/:uid/notice',
    deps.limitRate,
    withFinished(async ({ accountId, returnTo }, pending, req, res) => {
      const locale = localeOf(req, pending)
      const [newest, ...older] = await notices.untold(accountId)
      if (newest === undefined) {
        // read in another window meanwhile
        res.redirect(303, returnTo)
        return
      }
      res.send(
        render(
          'interaction/notice',
          { locale, titleKey: 'notices.title', otherLanguageHref: otherLanguageHref(req, locale) },
          {
            notices: describeNotices([newest, ...older], locale),
            continueHref: `/interaction/${pending.id}/notice/read?until=${newest.operationId}`,
            clientName: pending.clientName(locale),
          },
        ),
      )
    }),
  )

  router.get(
    '/:uid/notice/read',
    deps.limitRate,
    withFinished(async ({ accountId, returnTo }, _pending, req, res) => {
      const { until } = req.query
      if (typeof until === 'string' && UUID.test(until)) await notices.told(accountId, until, deps.now())
      res.redirect(303, returnTo)
    }),
  )

  return router
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
