import type { KoaContextWithOIDC } from 'oidc-provider'

/** What a request has learned by the way: how a sector calls an account. */
export interface KnownSubjects {
  keep(ctx: KoaContextWithOIDC, accountId: string, sector: string, subject: string | undefined): void
  of(ctx: KoaContextWithOIDC | undefined, accountId: string, sector: string): string | undefined
}

export function createKnownSubjects(): KnownSubjects {
  const known = new WeakMap<KoaContextWithOIDC, Map<string, string>>()
  const keyOf = (accountId: string, sector: string): string => `${accountId} ${sector}`
  return {
    keep(ctx, accountId, sector, subject) {
      if (subject === undefined) return
      const ofRequest = known.get(ctx) ?? new Map<string, string>()
      known.set(ctx, ofRequest.set(keyOf(accountId, sector), subject))
    },
    of: (ctx, accountId, sector) => ctx && known.get(ctx)?.get(keyOf(accountId, sector)),
  }
}
