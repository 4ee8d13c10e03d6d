/** What an account's list names: a session, or a grant and whose it is. Digests are 43 characters, routes 3. */
export type AccountEntry =
  | { readonly kind: 'session'; readonly route: string; readonly digest: string }
  | { readonly kind: 'grant'; readonly route: string; readonly digest: string; readonly clientId: string }

export const sessionEntry = (route: string, uidDigest: string): string => `S${route}${uidDigest}`
export const grantEntry = (route: string, digest: string, clientId: string): string => `G${route}${digest}${clientId}`

export function parseEntry(entry: string): AccountEntry | undefined {
  const [, kind, route = '', digest = '', clientId = ''] = /^([SG])(.{3})(.{43})(.*)$/.exec(entry) ?? []
  if (kind === undefined) return undefined
  return kind === 'S' ? { kind: 'session', route, digest } : { kind: 'grant', route, digest, clientId }
}
