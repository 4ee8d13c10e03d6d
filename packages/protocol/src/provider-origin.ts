/**
 * What may stand in an issuer before it is parsed. The URL parser forgives much that a person or a comparison would not:
 * `https:host`, `https://@host`, `https://host/..`, line feeds and invisible characters inside the host.
 */
const ISSUER = /^https?:\/\/[^\s/?#@\\%\p{C}]+\/?$/iu

/**
 * The canonical origin of an issuer: `scheme://host[:port]`, lower case, default port left out, no trailing slash.
 * A path, query, fragment or user information is refused: an issuer of Sekisho is an origin.
 *
 * @returns undefined when the text is not such an issuer
 */
export function parseProviderOrigin(issuer: string): string | undefined {
  return ISSUER.test(issuer) ? URL.parse(issuer)?.origin : undefined
}

/** Whether the text is an origin exactly as `parseProviderOrigin` would write it. */
export function isCanonicalOrigin(text: string): boolean {
  return parseProviderOrigin(text) === text
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
