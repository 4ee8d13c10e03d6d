import type { KoaContextWithOIDC } from 'oidc-provider'

/**
 * What has no content has no type either (RFC 9110 §8.3). The library answers a revocation with an empty text, and clients that
 * expect JSON take its `text/plain` for a fault: oidc-client-ts does, and then signs nobody out.
 */
export function leaveUntyped(ctx: KoaContextWithOIDC): void {
  if (ctx.body === '') ctx.remove('Content-Type')
}
