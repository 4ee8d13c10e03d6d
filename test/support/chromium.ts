import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { AxeBuilder } from '@axe-core/playwright'
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core'

const EXECUTABLE = '/usr/bin/chromium'

/** Where `takeScreenshot` puts its pictures; not part of the repository. */
export const SCREENSHOTS = join(import.meta.dirname, '..', '..', '.test', 'screenshots')

/** The two widths at which pages are looked at. */
export const VIEWPORTS = { desktop: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } } as const

/** WCAG 2.2 AA and everything it is built on. */
const WCAG_2_2_AA = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22a', 'wcag22aa']

const FLAGS = [
  '--headless',
  '--no-sandbox', // root in a container has no user namespace; the pages are our own
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // whatever is not on this machine does not exist: a page that needs it shows so
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE *.localhost, EXCLUDE 127.0.0.1',
] as const

/**
 * The system's Chromium with a new, empty profile. It ends with this process, however that ends, but close it:
 * `await using browser = await launchChromium()`.
 *
 * @param flags further switches, such as `--ip-address-space-overrides=127.0.0.1:4000=public`
 */
export async function launchChromium(flags: readonly string[] = []): Promise<Browser> {
  return chromium.launch({ executablePath: EXECUTABLE, headless: true, args: [...FLAGS, ...flags], timeout: 60_000 })
}

export interface PageOptions {
  /** Language of the browser, as it stands in Accept-Language. */
  readonly locale?: 'ja' | 'en'
  readonly viewport?: keyof typeof VIEWPORTS
  readonly javaScriptEnabled?: boolean
}

export interface WatchedPage extends AsyncDisposable {
  readonly page: Page
  readonly context: BrowserContext
  /** What went wrong inside: uncaught errors, console errors (a breach of the CSP is one), requests that failed. */
  readonly complaints: readonly string[]
}

/** A page in a context of its own: other cookies, other storage, as if another person sat there. */
export async function openPage(
  browser: Browser,
  { locale = 'ja', viewport = 'desktop', javaScriptEnabled = true }: PageOptions = {},
): Promise<WatchedPage> {
  const context = await browser.newContext({ locale, viewport: VIEWPORTS[viewport], javaScriptEnabled })
  const complaints: string[] = []
  context.on('weberror', (error) => complaints.push(`uncaught: ${error.error().message}`))
  context.on('console', (message) => {
    if (message.type() === 'error') complaints.push(`console: ${message.text()}`)
  })
  context.on('requestfailed', (request) => {
    const reason = request.failure()?.errorText ?? ''
    // the person went on before a picture had come; what is blocked or broken has another name
    if (reason !== 'net::ERR_ABORTED') complaints.push(`request: ${request.url()} ${reason}`)
  })
  const page = await context.newPage()
  return { page, context, complaints, [Symbol.asyncDispose]: () => context.close() }
}

export interface AccessibilityViolation {
  readonly rule: string
  readonly impact: string
  readonly help: string
  /** Selectors of the elements concerned. */
  readonly targets: readonly string[]
}

/** Everything axe-core finds against WCAG 2.2 AA on the page as it stands: `expect(await checkAccessibility(page)).toEqual([])`. */
export async function checkAccessibility(page: Page): Promise<AccessibilityViolation[]> {
  const { violations } = await new AxeBuilder({ page }).withTags(WCAG_2_2_AA).analyze()
  return violations.map(({ id, impact, help, nodes }) => ({
    rule: id,
    impact: impact ?? 'unknown',
    help,
    targets: nodes.map(({ target }) => target.flat().join(' ')),
  }))
}

/** The whole page as a picture. @returns its path */
export async function takeScreenshot(page: Page, name: string): Promise<string> {
  if (!/^[a-z0-9-]+$/.test(name)) throw new TypeError(`not a kebab-case name: ${name}`)
  mkdirSync(SCREENSHOTS, { recursive: true })
  const path = join(SCREENSHOTS, `${name}.png`)
  await page.screenshot({ path, fullPage: true })
  return path
}
