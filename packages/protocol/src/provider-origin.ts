/**
 * The canonical origin of an issuer: `scheme://host[:port]`, lower case, default port left out, no trailing slash.
 * A path, query, fragment or user information is refused: an issuer of Sekisho is an origin.
 *
 * @returns undefined when the text is not such an issuer
 */
export function parseProviderOrigin(issuer: string): string | undefined {
  const url = URL.parse(issuer)
  if (url === null) return undefined
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return undefined
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') return undefined
  if (url.pathname !== '/' || /[?#]/.test(issuer)) return undefined
  return url.origin
}

/**
 * The name under which an agent knows a provider: `host[:port]`, derived the same way on both sides,
 * so that neither has to tell the other.
 */
export function providerName(origin: string): string {
  return new URL(origin).host
}

/** `http:` is acceptable only for a provider on this very machine, and only when marked as development. */
export function isLocalhostOrigin(origin: string): boolean {
  const { hostname } = new URL(origin)
  return hostname === 'localhost' || hostname.endsWith('.localhost')
}
