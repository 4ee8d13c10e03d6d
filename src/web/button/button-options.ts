/** What a site chooses on `/button/preview`. */
export interface ButtonOptions {
  /** By the site's own start address, or by code and PKCE in the browser. */
  readonly mode: 'link' | 'code'
  readonly href: string
  readonly clientId: string
  readonly redirectUri: string
  readonly language: (typeof BUTTON_LANGUAGES)[number]
  readonly size: (typeof BUTTON_SIZES)[number]
  readonly theme: (typeof BUTTON_THEMES)[number]
  /** Only shown: sites set it by script. */
  readonly state: (typeof BUTTON_STATES)[number]
}

export const BUTTON_LANGUAGES = ['page', 'ja', 'en', 'ja-easy'] as const
export const BUTTON_SIZES = ['small', 'medium', 'large'] as const
export const BUTTON_THEMES = ['page', 'light', 'dark'] as const
export const BUTTON_STATES = ['ready', 'busy', 'cancelled', 'later'] as const
export const BUTTON_MODES = ['link', 'code'] as const

const MAX_LENGTH = 500

/** Whatever is not possible becomes the default: the page is a tool, and shows what it made of the wish. */
export function readButtonOptions(query: Readonly<Record<string, unknown>>): ButtonOptions {
  const one = <T extends string>(name: string, among: readonly [T, ...T[]], otherwise: T): T =>
    among.find((value) => value === query[name]) ?? otherwise
  const address = (name: string, otherwise: string): string => {
    const wish = query[name]
    return typeof wish === 'string' && wish.length <= MAX_LENGTH && isWebAddress(wish) ? wish : otherwise
  }
  const clientId = query['client-id']
  return {
    mode: one('mode', BUTTON_MODES, 'link'),
    href: address('href', '/sign-in'),
    clientId: typeof clientId === 'string' && /^[\x21-\x7e]{1,255}$/.test(clientId) ? clientId : 'your-client-id',
    redirectUri: address('redirect-uri', '/signed-in'),
    language: one('language', BUTTON_LANGUAGES, 'page'),
    size: one('size', BUTTON_SIZES, 'medium'),
    theme: one('theme', BUTTON_THEMES, 'page'),
    state: one('state', BUTTON_STATES, 'ready'),
  }
}

/** Of a site: absolute, or relative to its page. Nothing that runs. */
function isWebAddress(text: string): boolean {
  if (text.trim() === '' || /\p{Cc}/u.test(text)) return false
  return ['http:', 'https:'].includes(URL.parse(text, 'https://site.example')?.protocol ?? '')
}
