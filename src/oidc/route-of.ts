import type { KoaContextWithOIDC } from 'oidc-provider'

/** The name of the OpenID endpoint, or undefined outside of them: there the context has no `oidc`, whatever its type says. */
export function routeOf(ctx: KoaContextWithOIDC): string | undefined {
  return (ctx.oidc as KoaContextWithOIDC['oidc'] | undefined)?.route
}
