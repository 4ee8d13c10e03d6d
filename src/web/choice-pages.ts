import type { ErrorCode } from '../error-registry/registry.ts'
import { isErrorCode } from '../error-registry/registry.ts'
import type { PendingInteraction } from '../oidc/interactions.ts'
import type { AccountChoice } from '../sign-in/choose-account.ts'
import type { Completion } from '../sign-in/complete-sign-in.ts'
import type { SignIn } from '../sign-in/sign-in.ts'
import type { Exchange } from './direct/exchange.ts'
import { createFormReader } from './direct/read-form.ts'
import type { Step } from './direct/route-steps.ts'
import { sendPage } from './direct/send.ts'
import type { Locale } from './locale.ts'
import { inOtherLanguage } from './other-language.ts'
import type { Render } from './render.ts'

export interface ChoicePagesDependencies {
  readonly render: Render
  readonly signIn: Pick<SignIn, 'chooseAccount'>
  readonly requirePending: (exchange: Exchange) => Promise<PendingInteraction>
  readonly localeOf: (exchange: Exchange, pending: PendingInteraction) => Locale
  /** Ends the step as every sign-in ends: at the site, at the question, or at the sign-in page. */
  readonly conclude: (exchange: Exchange, completion: Completion) => Promise<void>
}

/** A form of one token, one code and a tick. */
const MAX_FORM_BYTES = 2048
const MAX_FIELDS = 10

/**
 * "I have renewed my card" or "I am new here": asked of a card that nobody can be asked about (design.md §6). Being new is chosen
 * only after the page has said what that means.
 */
export function createChoicePages(deps: ChoicePagesDependencies): { readonly ask: Step; readonly answer: Step } {
  const { signIn, render, requirePending, localeOf, conclude } = deps
  const readForm = createFormReader({ maxBytes: MAX_FORM_BYTES, maxFields: MAX_FIELDS })

  const draw = (
    exchange: Exchange,
    pending: PendingInteraction,
    page: { readonly choiceToken: string; readonly refused: ErrorCode | undefined; readonly mustConfirm: boolean },
  ): void => {
    const { req, res } = exchange
    const locale = localeOf(exchange, pending)
    const { refused, mustConfirm } = page
    const medium = exchange.query('medium') === 'phone' ? 'phone' : 'card'
    res.statusCode = refused === undefined && !mustConfirm ? 200 : 422
    sendPage(
      res,
      render(
        'interaction/choice',
        {
          locale,
          titleKey: `choice.${medium}.title`,
          // an answer to a form cannot be asked for again in another language
          otherLanguageHref: req.method === 'GET' ? inOtherLanguage(exchange, locale) : undefined,
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

  return {
    ask: async (exchange) => {
      const pending = await requirePending(exchange)
      const refused = exchange.query('refused')
      draw(exchange, pending, {
        choiceToken: exchange.query('choice') ?? '',
        refused: refused !== undefined && isErrorCode(refused) ? refused : undefined,
        mustConfirm: false,
      })
    },

    answer: async (exchange) => {
      const form = await readForm(exchange)
      const pending = await requirePending(exchange)
      const answer = answerOf(form)
      if (answer === undefined) {
        // nothing was taken: the same question again, with what is missing said
        draw(exchange, pending, { choiceToken: text(form['choice']), refused: undefined, mustConfirm: true })
        return
      }
      await conclude(exchange, await signIn.chooseAccount(form['choice'], pending.id, answer))
    },
  }
}

/** undefined: "new here" without the tick that says it was understood. */
function answerOf(form: Readonly<Record<string, unknown>>): AccountChoice | undefined {
  if (form['answer'] === 'renewed') return { kind: 'hand-over', typedCode: text(form['code']).slice(0, 200) }
  return form['understood'] === 'yes' ? { kind: 'new' } : undefined
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
