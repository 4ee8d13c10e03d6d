import type { RevocationSource } from './revocation-source.ts'

/**
 * The source called `none`, which a configuration has to name: it knows nothing, and says so.
 * A site whose policy is `require-good` is never served by it; one that allows unchecked certificates reads it in the token.
 */
export function createNoRevocationSource({ now }: { readonly now: () => Date }): RevocationSource {
  return {
    method: 'none',
    name: 'none',
    check: async () => ({
      status: 'unavailable',
      cause: 'not-configured',
      method: 'none',
      source: 'none',
      checkedAt: now(),
    }),
  }
}
