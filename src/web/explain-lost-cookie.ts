import type { ErrorCode } from '../error-registry/registry.ts'
import type { Arrival } from '../observability/request-context.ts'
import type { LostInteraction } from '../oidc/lost-interaction.ts'

/** For the operator: what probably became of the cookie. The person is told by the code. */
export interface LostCookie {
  readonly code: ErrorCode
  /** One word of this list: also a label of a metric. */
  readonly cause: keyof typeof HINTS
  readonly hint: string
}

const HINTS = {
  'scheme-http':
    'the proxy says that the browser came by http:, where it keeps no Secure cookie: redirect http: to https: there, ' +
    'or mend its X-Forwarded-Proto',
  'keys-differ':
    'the cookie came, signed with none of COOKIE_KEYS: have all instances the same ones, and was an old one dropped too early?',
  'other-host':
    'asked for by another host name than ISSUER, where its cookies are not: let people use ISSUER only, ' +
    'or let the proxy pass Host on if they do',
  'no-cookies': 'the browser sent no cookie at all: it blocks them, or the sign-in began in another browser',
  'other-cookies': 'the browser sent cookies, but not this sign-in’s: it began in another browser or a private window',
} as const

const CODES: Readonly<Record<LostInteraction, ErrorCode>> = {
  over: 'SIGNIN_INTERACTION_NOT_FOUND',
  'cookie-missing': 'SIGNIN_COOKIE_MISSING',
  'cookie-unreadable': 'SIGNIN_COOKIE_UNREADABLE',
}

export function codeOfLost(why: LostInteraction): ErrorCode {
  return CODES[why]
}

/** @returns undefined when nothing was lost: the sign-in is simply over */
export function explainLostCookie(
  why: LostInteraction,
  { hasCookies, arrival }: { readonly hasCookies: boolean; readonly arrival: Arrival | undefined },
): LostCookie | undefined {
  if (why === 'over') return undefined
  const cause = causeOf(why, hasCookies, arrival)
  return { code: CODES[why], cause, hint: HINTS[cause] }
}

function causeOf(
  why: Exclude<LostInteraction, 'over'>,
  hasCookies: boolean,
  arrival: Arrival | undefined,
): LostCookie['cause'] {
  if (why === 'cookie-unreadable') return 'keys-differ'
  if (arrival?.saysHttp === true) return 'scheme-http'
  if (arrival?.otherHost !== undefined) return 'other-host'
  return hasCookies ? 'other-cookies' : 'no-cookies'
}
