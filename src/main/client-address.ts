import { BlockList, isIP } from 'node:net'
import type { TrustProxy } from '../config/trust-proxy.ts'

/** Who sent a request, as far as those say it whom we believe. */
export interface Sender {
  /** Of the client; undefined when the connection is already gone. */
  readonly address: string | undefined
  /** Whether the connection comes from a proxy of ours, so that its headers mean something. */
  readonly isProxied: boolean
}

/**
 * Reads `X-Forwarded-For` from its end: the last address was written by the proxy that asked us, the one before by the proxy in front
 * of that. What stands further left than the first address that is none of our proxies was written by the client, and may be anything.
 *
 * @returns a function of the address of the connection and the header
 */
export function createClientAddress(
  trust: TrustProxy,
): (peer: string | undefined, forwardedFor: string | undefined) => Sender {
  const isProxy = proxyTest(trust)
  return (peer, forwardedFor) => {
    if (peer === undefined) return { address: undefined, isProxied: false }
    let address = withoutMapping(peer)
    let hop = 0
    const isProxied = isProxy(address, hop)
    const named = isProxied && forwardedFor !== undefined ? forwardedFor.split(',') : []
    while (isProxy(address, hop) && named.length > 0) {
      const before = addressIn(named.pop() ?? '')
      // a proxy that names nobody: it is as far as we can see
      if (before === undefined) break
      address = before
      hop += 1
    }
    return { address, isProxied }
  }
}

function proxyTest(trust: TrustProxy): (address: string, hop: number) => boolean {
  switch (trust.kind) {
    case 'nobody':
    case 'tls-only':
      return () => false
    case 'hops':
      return (_address, hop) => hop < trust.count
    case 'networks': {
      const networks = new BlockList()
      for (const { address, prefix, family } of trust.networks) networks.addSubnet(address, prefix, family)
      return (address) => networks.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')
    }
  }
}

/** `192.0.2.1`, `192.0.2.1:4711`, `2001:db8::1`, `[2001:db8::1]:4711`; undefined for anything else (`unknown`, `_hidden`). */
function addressIn(entry: string): string | undefined {
  const text = entry.trim()
  const address = /^\[([^\]]*)\](?::\d+)?$/.exec(text)?.[1] ?? /^([\d.]+):\d+$/.exec(text)?.[1] ?? text
  return isIP(address) === 0 ? undefined : withoutMapping(address)
}

/** RFC 4291 §2.5.5.2: one client has one name, whether the socket speaks IPv4 or IPv6. */
function withoutMapping(address: string): string {
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address
}
