import { z } from 'zod'

/** RFC 8252 §7.3, and `localhost` for development. */
const LOOPBACK_HOSTS = ['localhost', '127.0.0.1', '[::1]']

/** RFC 8252 §7.1: a scheme made from a domain name that its owner controls, so it has a dot. */
const PRIVATE_USE_SCHEME = /^[a-z][a-z0-9+-]*(?:\.[a-z0-9+-]+)+:$/

/**
 * An address a browser may be sent back to. Compared as text later on (RFC 9700 §2.1: exact match), so it must be written the way
 * URLs are normalised: `https:`, or `http:` on this very machine; no fragment (RFC 6749 §3.1.2), no user information. Native
 * applications may also have a scheme of their own: `registration.ts` refuses it for all others.
 */
export const redirectUriSchema = z
  .string()
  .max(2048)
  .superRefine((text, ctx) => {
    const fault = isPrivateUse(text) ? faultOfAddress(text) : faultOf(text)
    if (fault !== undefined) ctx.addIssue({ code: 'custom', message: fault })
  })

/** An address that this server will ask or tell something: `https:`, or `http:` on this very machine for development. */
export const serverUriSchema = z
  .string()
  .max(2048)
  .superRefine((text, ctx) => {
    const fault = faultOf(text)
    if (fault !== undefined) ctx.addIssue({ code: 'custom', message: fault })
  })

export function isPrivateUse(text: string): boolean {
  return PRIVATE_USE_SCHEME.test(URL.parse(text)?.protocol ?? '')
}

function faultOf(text: string): string | undefined {
  const url = URL.parse(text)
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) return 'must be an https: address'
  if (url.protocol === 'http:' && !LOOPBACK_HOSTS.includes(url.hostname))
    return 'must be https: (http: only for localhost)'
  return faultOfAddress(text)
}

function faultOfAddress(text: string): string | undefined {
  const url = new URL(text)
  if (url.username !== '' || url.password !== '') return 'must not contain a user name or password'
  if (text.includes('#')) return 'must not contain a fragment'
  if (url.href !== text) return `must be written as ${url.href}`
  return undefined
}
