import type { Request, Response } from 'express'
import { SESSION_LIFE_MS, SIGN_IN_MS } from '../../administration/admin-session.ts'
import { isSecret } from '../../administration/secret-token.ts'

/**
 * Two cookies, both HttpOnly and bound to the console's host. The session is `Strict`: no page of another site, not even one of a sibling
 * host, starts anything with it. The sign-in under way is `Lax`, since its last step is a link from the provider.
 */
export interface ConsoleCookies {
  session(req: Request): string | undefined
  setSession(res: Response, secret: string): void
  clearSession(res: Response): void
  signIn(req: Request): string | undefined
  setSignIn(res: Response, secret: string): void
  clearSignIn(res: Response): void
  language(req: Request): string | undefined
  setLanguage(res: Response, language: string): void
}

const YEAR_MS = 365 * 24 * 60 * 60_000

export function createConsoleCookies({ https }: { readonly https: boolean }): ConsoleCookies {
  const name = (rest: string): string => `${https ? '__Host-' : ''}sekisho_admin${rest}`
  const base = { httpOnly: true, secure: https, path: '/' } as const
  const [session, signIn, language] = [name(''), name('_sign_in'), name('_language')]
  const secretIn = (req: Request, cookie: string): string | undefined => {
    const value = readCookie(req, cookie)
    return isSecret(value) ? value : undefined
  }
  return {
    session: (req) => secretIn(req, session),
    setSession: (res, secret) => res.cookie(session, secret, { ...base, sameSite: 'strict', maxAge: SESSION_LIFE_MS }),
    clearSession: (res) => res.clearCookie(session, { ...base, sameSite: 'strict' }),
    signIn: (req) => secretIn(req, signIn),
    setSignIn: (res, secret) => res.cookie(signIn, secret, { ...base, sameSite: 'lax', maxAge: SIGN_IN_MS }),
    clearSignIn: (res) => res.clearCookie(signIn, { ...base, sameSite: 'lax' }),
    language: (req) => readCookie(req, language),
    setLanguage: (res, text) => res.cookie(language, text, { ...base, sameSite: 'lax', maxAge: YEAR_MS }),
  }
}

/** One that comes twice was put there by somebody else: then there is none (RFC 6265 §5.4 does not say which is whose). */
function readCookie({ headers }: Request, name: string): string | undefined {
  const found = (headers.cookie ?? '')
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
  return found.length === 1 ? found[0]?.slice(name.length + 1) : undefined
}
