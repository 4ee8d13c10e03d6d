import { z } from 'zod'

/** Whose word about a request's way here is believed. */
export type TrustProxy =
  /** Nobody's: clients connect to this server themselves. */
  | { readonly kind: 'nobody' }
  /** So many proxies stand in front, one behind the other; each adds the address it was asked from to `X-Forwarded-For`. */
  | { readonly kind: 'hops'; readonly count: number }
  /** Whoever has an address in one of these networks is a proxy of ours. */
  | { readonly kind: 'networks'; readonly networks: readonly Network[] }
  /** TLS ends in front, at something that keeps the client's address and adds no header (a balancer of the transport layer). */
  | { readonly kind: 'tls-only' }

export interface Network {
  readonly address: string
  readonly prefix: number
  readonly family: 'ipv4' | 'ipv6'
}

const NAMED: Readonly<Record<string, readonly string[]>> = {
  loopback: ['127.0.0.0/8', '::1/128'],
  linklocal: ['169.254.0.0/16', 'fe80::/10'],
  uniquelocal: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'],
}
const MAX_HOPS = 9
const FAULT =
  'must be 0, the number of proxies in front (1–9), their networks (10.0.0.0/8,fd00::/8,loopback), or tls-only'

/** `0`, `1`…`9`, CIDR blocks and names, or `tls-only`. */
export const trustProxy = z.string().transform((text, ctx): TrustProxy => {
  if (text === '0' || text === 'false') return { kind: 'nobody' }
  if (text === 'true') return { kind: 'hops', count: 1 }
  if (text === 'tls-only') return { kind: 'tls-only' }
  if (/^\d+$/.test(text)) {
    const count = Number(text)
    return count <= MAX_HOPS ? { kind: 'hops', count } : refuse(ctx)
  }
  const blocks = text.split(',').flatMap((entry) => NAMED[entry.trim()] ?? [entry.trim()])
  const networks = blocks.map(parseNetwork)
  return networks.every((network) => network !== undefined) ? { kind: 'networks', networks } : refuse(ctx)
})

function refuse(ctx: z.RefinementCtx): never {
  ctx.addIssue({ code: 'custom', message: FAULT })
  return z.NEVER
}

/** A network that holds every address would believe everybody: that is no proxy of ours. */
function parseNetwork(block: string): Network | undefined {
  const [address = '', length, ...rest] = block.split('/')
  const family = z.ipv4().safeParse(address).success ? 'ipv4' : z.ipv6().safeParse(address).success ? 'ipv6' : undefined
  if (family === undefined || rest.length > 0) return undefined
  const longest = family === 'ipv4' ? 32 : 128
  if (length !== undefined && !/^\d{1,3}$/.test(length)) return undefined
  const prefix = length === undefined ? longest : Number(length)
  return prefix >= 1 && prefix <= longest ? { address, prefix, family } : undefined
}
