import type { KoaContextWithOIDC } from 'oidc-provider'

/**
 * Headers of the few HTML answers that come from the OpenID endpoints themselves (errors, log-out).
 * No `form-action`: Chromium applies it to the whole redirect chain of a submitted form, which ends at the site and goes on
 * wherever the site likes (docs/adr/0002). The pages hold no foreign markup: `default-src 'none'`.
 */
const HTML_HEADERS = {
  'Content-Security-Policy':
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'",
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'same-origin',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cache-Control': 'no-store',
} as const

export function setSecurityHeaders(ctx: KoaContextWithOIDC): void {
  ctx.set('X-Content-Type-Options', 'nosniff')
  if (ctx.secure) ctx.set('Strict-Transport-Security', 'max-age=63072000')
  if (ctx.response.type === 'text/html') ctx.set(HTML_HEADERS)
}
