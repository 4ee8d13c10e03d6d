import { createOutboundClient } from './create-outbound-client.ts'
import type { ResolveAll } from './guarded-lookup.ts'
import { OutboundFault } from './outbound-fault.ts'

export interface GuardedFetchOptions {
  /** `host` or `host:port`: those of our own network where clients may have addresses. All others must be public and https. */
  readonly intranetHosts: readonly string[]
  readonly resolve?: ResolveAll
}

export interface GuardedFetch {
  /** @throws OutboundFault */
  fetch(address: string | URL | Request, options?: RequestInit): Promise<Response>
  close(): Promise<void>
}

const DEADLINE_MS = 2500
const MAX_BYTES = 64 * 1024
/** Fetch §2.2.3: a Response of these cannot have a body. */
const NULL_BODY_STATUS = [204, 205, 304]
/** Fetch, "initialize a response": any other status is a RangeError, though HTTP can carry it. */
const MIN_STATUS = 200
const MAX_STATUS = 599

/**
 * `fetch` for addresses that clients registered (jwks_uri, sector_identifier_uri, back-channel log-out): only public hosts, only https,
 * no redirect followed, bounded in time and size (attack 15).
 */
export function createGuardedFetch({ intranetHosts, resolve }: GuardedFetchOptions): GuardedFetch {
  const client = createOutboundClient({
    allowedHosts: 'any-public',
    intranetHosts,
    deadlineMs: DEADLINE_MS,
    maxBytes: MAX_BYTES,
    ...(resolve && { resolve }),
  })
  return {
    async fetch(address, { method = 'GET', headers, body } = {}) {
      const answer = await client.send({
        method: method === 'POST' ? 'POST' : 'GET',
        url: addressOf(address),
        headers: withoutUserAgent(
          body instanceof URLSearchParams
            ? { 'content-type': 'application/x-www-form-urlencoded', ...headersOf(headers) }
            : headersOf(headers),
        ),
        ...(body === undefined || body === null ? {} : { body: bodyOf(body) }),
      })
      if (answer.status < MIN_STATUS || answer.status > MAX_STATUS) {
        throw new OutboundFault('connection-failed', URL.parse(addressOf(address))?.host ?? 'unreadable')
      }
      const answerHeaders = new Headers()
      for (const [name, value] of Object.entries(answer.headers)) {
        for (const one of [value ?? []].flat()) answerHeaders.append(name, one)
      }
      const isNull = NULL_BODY_STATUS.includes(answer.status)
      return new Response(isNull ? null : answer.body, { status: answer.status, headers: answerHeaders })
    },
    close: () => client.close(),
  }
}

function addressOf(address: string | URL | Request): string {
  return address instanceof Request ? address.url : String(address)
}

function headersOf(headers: RequestInit['headers']): Record<string, string> {
  return Object.fromEntries(new Headers(headers).entries())
}

/** oidc-provider sends an empty one; the outbound client has its own. */
function withoutUserAgent({ 'user-agent': _none, ...headers }: Record<string, string>): Record<string, string> {
  return headers
}

function bodyOf(body: NonNullable<RequestInit['body']>): string {
  if (typeof body === 'string' || body instanceof URLSearchParams) return String(body)
  throw new TypeError('only text is sent')
}
