import { isIP } from 'node:net'
import type { Agent } from 'undici'
import { exchange, type OutboundAnswer } from './exchange.ts'
import { createGuardedLookup, type ResolveAll } from './guarded-lookup.ts'
import { OutboundFault } from './outbound-fault.ts'
import { isSpecialUse } from './special-use-networks.ts'

export interface OutboundClientOptions {
  /** `host` or `host:port`, as in a URL; nothing else is asked. `any-public`: any host, by https, where addresses come from sites. */
  readonly allowedHosts: readonly string[] | 'any-public'
  /** Those that are ours, `host` or `host:port`: they may have private addresses. */
  readonly intranetHosts?: readonly string[]
  /** Plain http to our own hosts only: for questions and answers that nothing but the connection protects. */
  readonly requireTls?: boolean
  /** For one request as a whole: name, connection, headers, last octet. */
  readonly deadlineMs: number
  readonly maxBytes: number
  /** For https: PEM of a client certificate and its key (mTLS), and of the authorities to trust instead of the usual ones. */
  readonly tls?: { readonly cert?: string; readonly key?: string; readonly ca?: string }
  readonly resolve?: ResolveAll
}

export interface OutboundRequest {
  readonly method: 'GET' | 'POST'
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Uint8Array | string
}

/** Port for everything in this folder that asks somebody else. */
export interface OutboundClient {
  /** @throws OutboundFault */
  send(request: OutboundRequest): Promise<OutboundAnswer>
  close(): Promise<void>
}

/** The one place where a socket to somebody else is opened. */
export function createOutboundClient(options: OutboundClientOptions): OutboundClient {
  const { deadlineMs, tls, resolve } = options
  const openAgent = (Opened: typeof Agent, isOurs: boolean): Agent =>
    new Opened({
      connections: 16,
      pipelining: 1,
      connect: { ...tls, lookup: createGuardedLookup(() => isOurs, resolve), timeout: deadlineMs },
      headersTimeout: deadlineMs,
      bodyTimeout: deadlineMs,
      maxHeaderSize: 8 * 1024,
    })
  // a look-up knows a name and no port: whether a host is ours is decided before, once for the whole address
  const open = async () => {
    const { Agent: Opened } = await import('undici')
    return { ours: openAgent(Opened, true), others: openAgent(Opened, false) }
  }
  // loaded with the first question: a server that starts does not wait for it
  let opened: ReturnType<typeof open> | undefined
  // most of what is asked has one address, from the configuration
  let last: CheckedAddress | undefined

  return {
    async send({ method, url, headers = {}, body }) {
      const { isOurs, host, origin, path } = (last = last?.url === url ? last : checkAddress(url, options))
      try {
        const { ours, others } = await (opened ??= open())
        const request = {
          origin,
          path,
          method,
          headers: { 'accept-encoding': 'identity', 'user-agent': 'sekisho', ...headers },
          body: body ?? null,
        }
        return await exchange(isOurs ? ours : others, request, { ...options, host })
      } catch (error) {
        throw asFault(error, host)
      }
    },
    close: async () => {
      const agents = await opened
      await Promise.all([agents?.ours.destroy(), agents?.others.destroy()])
    },
  }
}

/** An address that may be asked. */
interface CheckedAddress {
  readonly url: string
  readonly origin: string
  readonly host: string
  /** With its query. */
  readonly path: string
  readonly isOurs: boolean
}

/** A function of its parameters alone. @throws OutboundFault before anything is looked up */
function checkAddress(
  text: string,
  { allowedHosts, intranetHosts = [], requireTls = false }: OutboundClientOptions,
): CheckedAddress {
  const url = URL.parse(text)
  if (url === null) throw new OutboundFault('address-malformed', 'unreadable')
  if (url.username !== '' || url.password !== '') throw new OutboundFault('address-malformed', url.host)
  const isOurs = intranetHosts.includes(url.host) || intranetHosts.includes(url.hostname)
  const isListed = allowedHosts === 'any-public' ? isOurs : allowedHosts.includes(url.host)
  if (!isListed && allowedHosts !== 'any-public') throw new OutboundFault('host-not-allowed', url.host)
  const mayBePlain = requireTls ? isOurs : isListed
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && mayBePlain)) {
    throw new OutboundFault('address-malformed', url.host)
  }
  // an address in place of a name is never looked up
  const literal = url.hostname.replace(/^\[|\]$/g, '')
  if (!isOurs && isIP(literal) !== 0 && isSpecialUse(literal)) throw new OutboundFault('network-not-allowed', url.host)
  return { url: text, origin: url.origin, host: url.host, path: `${url.pathname}${url.search}`, isOurs }
}

function asFault(error: unknown, host: string): OutboundFault {
  if (error instanceof OutboundFault) return error
  const { code } = error as { readonly code?: unknown }
  const isLate = typeof code === 'string' && /^UND_ERR_(CONNECT|HEADERS|BODY)_TIMEOUT$/.test(code)
  return new OutboundFault(isLate ? 'deadline-passed' : 'connection-failed', host, { cause: error })
}
