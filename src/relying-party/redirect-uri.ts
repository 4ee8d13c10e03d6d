import { z } from 'zod'

/** RFC 8252 §7.3, and `localhost` for development. */
const LOOPBACK_HOSTS = ['localhost', '127.0.0.1', '[::1]']

/**
 * An address a browser may be sent back to. Compared as text later on (RFC 9700 §2.1: exact match), so it must be written the way
 * URLs are normalised: `https:`, or `http:` on this very machine; no fragment (RFC 6749 §3.1.2), no user information.
 */
export const redirectUriSchema = z
  .string()
  .max(2048)
  .superRefine((text, ctx) => {
    const fault = faultOf(text)
    if (fault !== undefined) ctx.addIssue({ code: 'custom', message: fault })
  })

function faultOf(text: string): string | undefined {
  const url = URL.parse(text)
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) return 'must be an https: address'
  if (url.protocol === 'http:' && !LOOPBACK_HOSTS.includes(url.hostname))
    return 'must be https: (http: only for localhost)'
  if (url.username !== '' || url.password !== '') return 'must not contain a user name or password'
  if (text.includes('#')) return 'must not contain a fragment'
  if (url.href !== text) return `must be written as ${url.href}`
  return undefined
}
