import { attribute, formsOf, type HtmlForm } from './html-form.ts'
import { createScriptedBrowser, type Page } from './scripted-browser.ts'

export type SignInResult =
  | { readonly ok: true; readonly claims: Readonly<Record<string, unknown>> }
  /** `code` is of the error registry, or of the agent. `where` is the origin of the page that said so. */
  | { readonly ok: false; readonly code: string; readonly where: string }

export interface SignInOnceOptions {
  readonly shopUrl: string
  readonly pin: string
  readonly locale: 'ja' | 'en'
  /** Told before every step a person would take. */
  readonly onStep?: (step: string) => void
}

const MAX_STEPS = 8
/** The link from what was done to the account to the site (src/web/notice-pages.ts). */
const NOTICE = /href="(\/interaction\/[^"]+\/notice\/read\?[^"]+)"/

/**
 * Signs in as a person would, without a screen: shop → provider → agent → PIN → notices → consent → back at the shop. Each step presses what the
 * page offers; a page that says why it cannot go on ends the walk with its code. The PIN is typed once and never again.
 */
export async function signInOnce({ shopUrl, pin, locale, onStep }: SignInOnceOptions): Promise<SignInResult> {
  const browser = createScriptedBrowser({ acceptLanguage: locale })
  const step = onStep ?? (() => undefined)
  step('open the shop and press its button')
  let page = await browser.follow(await browser.open(shopUrl), '/sign-in')
  let untyped: string | undefined = pin

  for (let i = 0; i < MAX_STEPS; i++) {
    const end = endOf(page)
    if (end !== undefined) return end
    const notice = NOTICE.exec(page.html)?.[1]
    if (notice !== undefined) {
      step('read what administrators did to the account')
      page = await browser.follow(page, notice)
      continue
    }
    const next = nextStep(page, untyped)
    if (next === undefined) return failure(page, /<code>([A-Z][A-Z_]+)<\/code>/.exec(page.html)?.[1] ?? 'SERVER_FAILED')
    if (next.values['pin'] !== undefined) untyped = undefined
    step(next.step)
    page = await browser.submit(page, next.form.action, next.values)
  }
  return failure(page, 'SERVER_FAILED')
}

/** The shop with its claims, or a page that says why not. */
function endOf(page: Page): SignInResult | undefined {
  const claims = /<script type="application\/json" id="claims">([\s\S]*?)<\/script>/.exec(page.html)?.[1]
  if (claims !== undefined) return { ok: true, claims: JSON.parse(claims) as Record<string, unknown> }
  const code = attribute(page.html, 'data-error-code') ?? attribute(page.html, 'data-oauth-error')
  return code === undefined ? undefined : failure(page, code)
}

interface NextStep {
  readonly step: string
  readonly form: HtmlForm
  readonly values: Readonly<Record<string, string>>
}

function nextStep(page: Page, pin: string | undefined): NextStep | undefined {
  const forms = new Map(formsOf(page.html).map((form) => [form.id, form]))
  const card = forms.get('use-card')
  if (card !== undefined) return press('press “use my card” on the provider’s page', card)
  const consent = forms.get('consent')
  if (consent !== undefined) return press('agree that the shop may know this', consent)
  const pinForm = forms.get('pin-form')
  if (pinForm !== undefined) {
    if (pin === undefined) return undefined
    const { step, form, values } = press('type the PIN on the agent’s page', pinForm)
    return { step, form, values: { ...values, pin } }
  }
  const lastTry = forms.get('confirm-form')
  if (lastTry !== undefined) return press('confirm that the last try may be spent', lastTry)
  const newHere = forms.get('new-here')
  if (newHere !== undefined) {
    const { step, form, values } = press(
      'say “I am new here”: nobody knows this card, and there is no hand-over code',
      newHere,
    )
    return { step, form, values: { ...values, understood: 'yes' } }
  }
  const leave = forms.get('leave-form')
  return leave && press('leave the agent’s page, which cannot go on', leave)
}

function press(step: string, form: HtmlForm): NextStep {
  const [button] = form.buttons
  const pressed = button?.name === undefined ? {} : { [button.name]: button.value }
  return { step, form, values: { ...form.values, ...pressed } }
}

function failure(page: Page, code: string): SignInResult {
  return { ok: false, code, where: page.url.origin }
}
