import type { Config } from '../../config/config.ts'
import { createOutboundClient, type OutboundClient } from '../../outbound/create-outbound-client.ts'
import type { OutboundAnswer } from '../../outbound/exchange.ts'
import type { Finding } from './finding.ts'

const DEADLINE_MS = 5_000
const MAX_BYTES = 256 * 1024

/**
 * Asks the provider by its public address, as a browser would: whether its addresses come back as the issuer's, and whether a browser
 * keeps its cookies from the first page of a sign-in to the second. That is where most new installations fail.
 */
export async function examineProxy({ issuer }: Pick<Config, 'issuer'>): Promise<readonly Finding[]> {
  const { host, hostname, protocol } = new URL(issuer)
  const client = createOutboundClient({
    allowedHosts: [host, hostname],
    // on our own network the public name may well lead to a private address
    intranetHosts: [host, hostname],
    deadlineMs: DEADLINE_MS,
    maxBytes: MAX_BYTES,
  })
  try {
    const discovery = await tryGet(client, `${issuer}/.well-known/openid-configuration`)
    if (discovery === undefined) return [{ code: 'PROXY_UNREACHABLE', values: { issuer } }]
    const stranger = strangeAddress(discovery, issuer)
    if (stranger !== undefined) return [{ code: 'PROXY_OTHER_SERVER', values: { issuer, reason: stranger } }]
    const lost = await beginSignIn(client, issuer)
    const isServersFault = / 5\d\d$/.test(lost ?? '')
    return [
      lost === undefined
        ? { code: 'PROXY_OK', values: { issuer } }
        : { code: isServersFault ? 'PROXY_SERVER_FAILS' : 'PROXY_LOSES_COOKIES', values: { issuer, reason: lost } },
      ...(protocol === 'https:' && (await servesHttp(client, hostname))
        ? [{ code: 'PROXY_SERVES_HTTP' } as const]
        : []),
    ]
  } finally {
    await client.close()
  }
}

/** @returns what is wrong with the document; undefined when every address in it is the issuer's */
function strangeAddress({ status, body }: OutboundAnswer, issuer: string): string | undefined {
  if (status !== 200) return `status ${status}`
  try {
    const document = JSON.parse(new TextDecoder().decode(body)) as Record<string, unknown>
    if (document['issuer'] !== issuer) return 'issuer'
    return Object.entries(document).find(
      ([name, value]) =>
        /(?:_endpoint|jwks_uri)$/.test(name) && typeof value === 'string' && URL.parse(value)?.origin !== issuer,
    )?.[0]
  } catch {
    return 'no JSON'
  }
}

/** Goes to the person's own page, and so to the first page of a sign-in. @returns where that failed */
async function beginSignIn(client: OutboundClient, issuer: string): Promise<string | undefined> {
  const account = await tryGet(client, `${issuer}/account`)
  const authorization = locationOf(account, issuer)
  if (authorization === undefined) return `/account: ${account?.status ?? 'no answer'}`
  if (authorization.origin !== issuer) return `/account leads to ${authorization.host}`
  const begun = await tryGet(client, authorization.href)
  const page = locationOf(begun, issuer)
  if (begun === undefined || page === undefined) return `/auth: ${begun?.status ?? 'no answer'}`
  if (page.origin !== issuer) return `/auth leads to ${page.host}`
  const lines = [begun.headers['set-cookie'] ?? []].flat()
  if (lines.length === 0) return '/auth: no Set-Cookie arrives'
  const insecure = lines.some((line) => !/;\s*secure/i.test(line))
  if (issuer.startsWith('https:') && insecure) return '/auth: a cookie without Secure'
  const cookie = lines.map((line) => line.split(';', 1)[0] ?? '').join('; ')
  const shown = await tryGet(client, page.href, { cookie })
  if (shown?.status === 200) return undefined
  const code = /data-error-code="(\w+)"/.exec(new TextDecoder().decode(shown?.body))?.[1]
  return `/interaction: ${code ?? shown?.status ?? 'no answer'}`
}

/** A page by http: would be one whose cookies are lost, and that somebody on the way may change. */
async function servesHttp(client: OutboundClient, hostname: string): Promise<boolean> {
  const answer = await tryGet(client, `http://${hostname}/`)
  return answer !== undefined && answer.status < 300
}

function locationOf(answer: OutboundAnswer | undefined, base: string): URL | undefined {
  const location = answer?.headers['location']
  return typeof location === 'string' ? (URL.parse(location, base) ?? undefined) : undefined
}

async function tryGet(
  client: OutboundClient,
  url: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<OutboundAnswer | undefined> {
  return client.send({ method: 'GET', url, headers: { accept: 'text/html', ...headers } }).catch(() => undefined)
}
