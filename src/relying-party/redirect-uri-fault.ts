// Runs in browsers too: scripts/build-admin-scripts.ts takes the types out and writes public/admin/redirect-uri-fault.js.

/** RFC 8252 §7.3, and `localhost` for development. */
const LOOPBACK_HOSTS = ['localhost', '127.0.0.1', '[::1]']

/** RFC 8252 §7.1: a scheme made from a domain name that its owner controls, so it has a dot. */
const PRIVATE_USE_SCHEME = /^[a-z][a-z0-9+-]*(?:\.[a-z0-9+-]+)+:$/

/** @returns why a browser may not be sent back to this address; native applications may also have a scheme of their own */
export function redirectUriFault(text: string): string | undefined {
  return isPrivateUse(text) ? faultOfAddress(text) : serverUriFault(text)
}

/** @returns why this is no address of a server; undefined when it is one */
export function serverUriFault(text: string): string | undefined {
  const url = parse(text)
  if (url === undefined || (url.protocol !== 'https:' && url.protocol !== 'http:')) return 'must be an https: address'
  if (url.protocol === 'http:' && !LOOPBACK_HOSTS.includes(url.hostname))
    return 'must be https: (http: only for localhost)'
  return faultOfAddress(text)
}

export function isPrivateUse(text: string): boolean {
  return PRIVATE_USE_SCHEME.test(parse(text)?.protocol ?? '')
}

function faultOfAddress(text: string): string | undefined {
  const url = new URL(text)
  if (url.username !== '' || url.password !== '') return 'must not contain a user name or password'
  if (text.includes('#')) return 'must not contain a fragment'
  if (url.href !== text) return `must be written as ${url.href}`
  return undefined
}

/** `URL.parse` is younger than some browsers. */
function parse(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined
}
