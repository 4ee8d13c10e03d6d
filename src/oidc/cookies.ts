import type { Configuration } from 'oidc-provider'
import { createCookieSigner } from './sign-cookies.ts'

/** Signed, unreadable by scripts, sent along only when a person comes by a link; `__Host-` where the server has TLS (RFC 6265bis §4.1.3.2). */
export function cookieSettings(keys: readonly string[], secure: boolean): NonNullable<Configuration['cookies']> {
  const cookie = { httpOnly: true, sameSite: 'lax', secure, signed: true, overwrite: true } as const
  return {
    keys: createCookieSigner(keys),
    long: cookie,
    short: cookie,
    names: {
      session: secure ? '__Host-sekisho_session' : 'sekisho_session',
      // bound to a path each, so they cannot be __Host-
      interaction: secure ? '__Secure-sekisho_interaction' : 'sekisho_interaction',
      resume: secure ? '__Secure-sekisho_resume' : 'sekisho_resume',
    },
  }
}
