import type { KoaContextWithOIDC } from 'oidc-provider'

/**
 * OpenID Connect Core §11 lets a provider ignore `offline_access` without `prompt=consent` "unless other conditions … permitting
 * offline access … are in place": here they are the registration (`grantTypes`) and the consent of the person (`consent/`). oidc-provider knows only the first half and
 * takes the scope out, so what was asked for is noted before, and put back.
 */
export function createRequestedScopes() {
  const signed = new WeakMap<KoaContextWithOIDC, unknown>()

  return {
    /** From a request object: signed by the client, or made of a pushed request. */
    note: (ctx: KoaContextWithOIDC, scope: unknown): void => {
      signed.set(ctx, scope)
    },

    restoreOfflineAccess: (ctx: KoaContextWithOIDC): void => {
      const { params, client } = ctx.oidc
      if (params === undefined || client?.grantTypeAllowed('refresh_token') !== true) return
      const plain = ctx.method === 'POST' ? ctx.oidc.body?.['scope'] : ctx.query['scope']
      const requested = signed.has(ctx) ? signed.get(ctx) : plain
      if (typeof requested !== 'string' || !requested.split(' ').includes('offline_access')) return
      params['scope'] = [...new Set([...ctx.oidc.requestParamScopes, 'offline_access'])].join(' ')
    },
  }
}
