import express, { Router, type Request, type Response } from 'express'
import type { ErrorCode } from '../error-registry/registry.ts'
import { isErrorCode } from '../error-registry/registry.ts'
import type { PendingInteraction } from '../oidc/interactions.ts'
import type { AccountChoice } from '../sign-in/choose-account.ts'
import type { Completion } from '../sign-in/complete-sign-in.ts'
import type { SignIn } from '../sign-in/sign-in.ts'
import type { LimitRate } from './limit-rate.ts'
import type { Locale } from './locale.ts'
import { otherLanguageHref } from './other-language.ts'
import type { Render } from './render.ts'
import { requireSameOrigin } from './require-same-origin.ts'

export interface ChoicePagesDependencies {
  readonly issuer: string
  readonly limitRate: LimitRate
  readonly render: Render
  readonly signIn: Pick<SignIn, 'chooseAccount'>
  readonly requirePending: (req: Request, res: Response) => Promise<PendingInteraction>
  readonly localeOf: (req: Request, pending: PendingInteraction) => Locale
  /** Ends the step as every sign-in ends: at the site, at the question, or at the sign-in page. */
  readonly conclude: (req: Request, res: Response, completion: Completion) => Promise<void>
}

/** A form of one token, one code and a tick. */
const MAX_FORM_BYTES = 2048

/**
 * "I have renewed my card" or "I am new here": asked of a card that nobody can be asked about (design.md §6). Being new is chosen
 * only after the page has said what that means.
 */
export function createChoicePages(deps: ChoicePagesDependencies): Router {
  const { signIn, render, requirePending, localeOf, conclude } = deps
  const router = Router({ strict: true, caseSensitive: true, mergeParams: true })

  const draw = (
    req: Request,
    res: Response,
    pending: PendingInteraction,
    page: { readonly choiceToken: string; readonly refused: ErrorCode | undefined; readonly mustConfirm: boolean },
  ): void => {
    const locale = localeOf(req, pending)
    const { refused, mustConfirm } = page
    const medium = req.query['medium'] === 'phone' ? 'phone' : 'card'
    res.status(refused === undefined && !mustConfirm ? 200 : 422).send(
      render(
        'interaction/choice',
        {
          locale,
          titleKey: `choice.${medium}.title`,
          // an answer to a form cannot be asked for again in another language
          otherLanguageHref: req.method === 'GET' ? otherLanguageHref(req, locale) : undefined,
        },
        {
          ...page,
          medium,
          action: `/interaction/${pending.id}/choice?lang=${locale}&medium=${medium}`,
          cancelHref: `/interaction/${pending.id}/cancel`,
          clientName: pending.clientName(locale),
        },
      ),
    )
  }

  router.get('/:uid/choice', async (req, res) => {
    const pending = await requirePending(req, res)
    const { choice, refused } = req.query
    draw(req, res, pending, {
      choiceToken: typeof choice === 'string' ? choice : '',
      refused: typeof refused === 'string' && isErrorCode(refused) ? refused : undefined,
      mustConfirm: false,
    })
  })

  router.post(
    '/:uid/choice',
    deps.limitRate,
    requireSameOrigin(deps.issuer),
    express.urlencoded({ extended: false, limit: MAX_FORM_BYTES, parameterLimit: 10 }),
    async (req, res) => {
      const pending = await requirePending(req, res)
      const form = (req.body ?? {}) as Readonly<Record<string, unknown>>
      const answer = answerOf(form)
      if (answer === undefined) {
        // nothing was taken: the same question again, with what is missing said
        draw(req, res, pending, { choiceToken: text(form['choice']), refused: undefined, mustConfirm: true })
        return
      }
      await conclude(req, res, await signIn.chooseAccount(form['choice'], pending.id, answer))
    },
  )

  return router
}

/** undefined: "new here" without the tick that says it was understood. */
function answerOf(form: Readonly<Record<string, unknown>>): AccountChoice | undefined {
  if (form['answer'] === 'renewed') return { kind: 'hand-over', typedCode: text(form['code']).slice(0, 200) }
  return form['understood'] === 'yes' ? { kind: 'new' } : undefined
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
