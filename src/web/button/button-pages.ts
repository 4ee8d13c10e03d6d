import { Router, type Response } from 'express'
import type { Locale } from '../locale.ts'
import { localeOfRequest } from '../locale-of-request.ts'
import { otherLanguageHref } from '../other-language.ts'
import type { Render } from '../render.ts'
import { BUTTON_LANGUAGES, BUTTON_MODES, BUTTON_SIZES, BUTTON_STATES, BUTTON_THEMES } from './button-options.ts'
import { readButtonOptions } from './button-options.ts'
import { writeButtonSnippet } from './button-snippet.ts'
import { readButtonFiles, type ButtonFile } from './read-button-files.ts'

export interface ButtonPagesDependencies {
  readonly issuer: string
  readonly render: Render
  readonly defaultLocale: Locale
  /** public/button/, one folder a version. */
  readonly buttonDirectory: URL
}

const HOUR = 'public, max-age=3600'
const FOR_EVER = 'public, max-age=31536000, immutable'

/** The texts inside the element, in the language that the button will have. */
const LABELS = {
  ja: 'マイナンバーカードでサインイン',
  en: 'Sign in with My Number Card',
  'ja-easy': 'マイナンバーカードを つかって はいる',
} as const

/**
 * The button for other sites: `/button.js` is the newest, `/button/<version>/button.js` never changes, so that a site can pin it by
 * its hash; `/button/preview` shows it and writes the lines to copy.
 */
export function createButtonPages({ issuer, render, defaultLocale, buttonDirectory }: ButtonPagesDependencies): Router {
  const files = readButtonFiles(buttonDirectory)
  const [newest] = files
  const router = Router({ strict: true, caseSensitive: true })

  router.get('/button.js', (_req, res) => {
    sendButton(res, newest, HOUR)
  })
  router.get('/button/:version/button.js', (req, res, next) => {
    const file = files.find(({ version }) => version === req.params.version)
    if (file === undefined) next()
    else sendButton(res, file, FOR_EVER)
  })

  router.get('/button/preview', (req, res) => {
    const locale = localeOfRequest(req, defaultLocale)
    const options = readButtonOptions(req.query)
    const label = LABELS[options.language === 'page' ? locale : options.language]
    const needsScript = locale === 'ja' ? 'JavaScript を有効にしてください。' : 'Please switch on JavaScript.'
    // the page asks itself again for every choice (public/button-preview.js)
    const policy = res.get('Content-Security-Policy') ?? ''
    res.set('Content-Security-Policy', `${policy};connect-src 'self'`).set('Cache-Control', 'no-store')
    res.send(
      render(
        'button/preview',
        { locale, titleKey: 'button.title', otherLanguageHref: otherLanguageHref(req, locale) },
        {
          issuer,
          button: newest,
          options,
          label,
          snippet: writeButtonSnippet(issuer, newest, options, { label, needsScript }),
          choices: {
            mode: BUTTON_MODES,
            language: BUTTON_LANGUAGES,
            size: BUTTON_SIZES,
            theme: BUTTON_THEMES,
            state: BUTTON_STATES,
          },
        },
      ),
    )
  })
  return router
}

/** For any site: a module script is always fetched with CORS, and `integrity` needs it (Subresource Integrity §3.5). */
function sendButton(res: Response, { code, integrity }: ButtonFile, cacheControl: string): void {
  res
    .set({
      'Content-Type': 'text/javascript; charset=utf-8',
      'Cache-Control': cacheControl,
      'Access-Control-Allow-Origin': '*',
      'Cross-Origin-Resource-Policy': 'cross-origin',
      ETag: `"${integrity}"`,
    })
    .send(code)
}
