import { Provider, type AdapterPayload, type KoaContextWithOIDC } from 'oidc-provider'

export interface GrantsOfRequest {
  keep(grantId: string, grant: AdapterPayload): void
  take(grantId: string): AdapterPayload | undefined
}

/**
 * A code or token is read together with its grant, in one step; oidc-provider asks for the grant next, and is given what was read. Once:
 * whoever asks again in the same request wants to know how it is by then.
 */
export function createGrantsOfRequest(): GrantsOfRequest {
  const kept = new WeakMap<KoaContextWithOIDC, readonly [grantId: string, grant: AdapterPayload]>()
  return {
    keep: (grantId, grant) => {
      if (Provider.ctx !== undefined) kept.set(Provider.ctx, [grantId, grant])
    },
    take: (grantId) => {
      const { ctx } = Provider
      if (ctx === undefined) return undefined
      const [id, grant] = kept.get(ctx) ?? []
      kept.delete(ctx)
      return id === grantId ? grant : undefined
    },
  }
}
