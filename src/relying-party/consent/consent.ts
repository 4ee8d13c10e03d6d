/** What a site gets of a person, or may do in their name: asked for, agreed to, or still missing. */
export interface Consent {
  /** Of the provider itself: `openid`, `offline_access`. */
  readonly scopes: readonly string[]
  /** Beyond those that every sign-in carries. */
  readonly claims: readonly string[]
  /** At APIs: `<resource> <scope>`, neither of which holds a space (`resource-server.ts`). */
  readonly resourceScopes: readonly string[]
}

export const NO_CONSENT: Consent = { scopes: [], claims: [], resourceScopes: [] }

/** What of `wanted` is in `given`. */
export function consentWithin(wanted: Consent, given: Consent): Consent {
  return combine(wanted, given, (item, known) => known.includes(item))
}

/** What of `wanted` is not in `given`. */
export function consentBeyond(wanted: Consent, given: Consent): Consent {
  return combine(wanted, given, (item, known) => !known.includes(item))
}

export function isNoConsent({ scopes, claims, resourceScopes }: Consent): boolean {
  return scopes.length + claims.length + resourceScopes.length === 0
}

/** `<resource> <scope>` by resource. */
export function scopesByResource({ resourceScopes }: Consent): ReadonlyMap<string, readonly string[]> {
  const byResource = new Map<string, string[]>()
  for (const item of resourceScopes) {
    const at = item.indexOf(' ')
    const resource = item.slice(0, at)
    byResource.set(resource, [...(byResource.get(resource) ?? []), item.slice(at + 1)])
  }
  return byResource
}

function combine(wanted: Consent, given: Consent, keeps: (item: string, known: readonly string[]) => boolean): Consent {
  return {
    scopes: wanted.scopes.filter((item) => keeps(item, given.scopes)),
    claims: wanted.claims.filter((item) => keeps(item, given.claims)),
    resourceScopes: wanted.resourceScopes.filter((item) => keeps(item, given.resourceScopes)),
  }
}
