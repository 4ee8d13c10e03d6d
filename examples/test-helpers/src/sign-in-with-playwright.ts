import type { Page } from 'playwright-core'

export type SignInOutcome = { readonly arrived: true } | { readonly arrived: false; readonly code: string }

export interface SignInSteps {
  /** Presses your site's own button. */
  readonly press: () => Promise<unknown>
  /** Whether an address is where your site takes people when they are back, signed in or not. */
  readonly until: (url: URL) => boolean
  /** 1234, as all virtual cards have it. It is typed once: a wrong one must not lock the card behind a test's back. */
  readonly pin?: string
}

/** A page of the provider that says why not. */
const REFUSED = '[data-error-code]'
/** What a page of the provider or of the agent may want next, in the order in which it is looked for. */
const STEPS = ['#use-card button', '#consent button', '#confirm-form button', '#pin', '#leave-form button'] as const
const MAX_STEPS = 8

/**
 * From your own button, through the provider and the agent, back to your site, as a person goes: “use my card”, PIN, and consent
 * where it is asked for.
 *
 * @returns `arrived: false` with the code of docs/errors.md where the provider refused, and the page shows why; `PIN_WRONG` where the
 * card did, and nothing more was typed
 */
export async function signInWithMyNumberCard(
  page: Page,
  { press, until, pin = '1234' }: SignInSteps,
): Promise<SignInOutcome> {
  // navigations from now on: the page that the button is on may well be the one to come back to
  const back = page.waitForEvent('framenavigated', (frame) => frame === page.mainFrame() && until(new URL(frame.url())))
  const arrived = quiet(back.then(() => 'arrived' as const))
  await press()

  let isTyped = false
  for (let step = 0; step < MAX_STEPS; step++) {
    const shown = page
      .locator([REFUSED, ...STEPS].join(', '))
      .first()
      .waitFor()
    if ((await Promise.race([arrived, quiet(shown)])) === 'arrived') {
      await page.waitForLoadState()
      return { arrived: true }
    }
    const refused = page.locator(REFUSED).first()
    if ((await refused.count()) > 0) {
      return { arrived: false, code: (await refused.getAttribute('data-error-code')) ?? '' }
    }
    const isPin = (await page.locator('#pin').count()) > 0
    if (isPin && isTyped) return { arrived: false, code: 'PIN_WRONG' }
    isTyped ||= isPin
    const moved = quiet(page.waitForEvent('framenavigated', (frame) => frame === page.mainFrame()))
    await takeStep(page, pin)
    await moved
  }
  throw new Error(`the sign-in does not end: ${page.url()}`)
}

async function takeStep(page: Page, pin: string): Promise<void> {
  for (const selector of STEPS) {
    const control = page.locator(selector).first()
    if ((await control.count()) === 0) continue
    if (selector === '#pin') {
      await control.fill(pin)
      await control.press('Enter')
    } else await control.click()
    return
  }
}

/** Whoever loses a race may fail later, when nobody looks any more. */
function quiet<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined)
  return promise
}
