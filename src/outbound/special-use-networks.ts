import { BlockList, isIP } from 'node:net'

/** Special-purpose address registries of IANA (RFC 6890 and its updates), and multicast: not where a stranger's name may lead. */
const IPV4: readonly (readonly [network: string, prefix: number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
]

/**
 * All but 2000::/3, from which alone IANA gives out global unicast addresses, and what is special within it. So mapped and translated
 * IPv4 addresses are here as a whole, too: nobody needs them to reach a public host.
 */
const IPV6: readonly (readonly [network: string, prefix: number])[] = [
  ['::', 3],
  ['4000::', 2],
  ['8000::', 1],
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
]

/** Two lists: in one, an IPv4 address would also be looked for as the IPv6 address it is mapped to. */
const SPECIAL_IPV4 = new BlockList()
const SPECIAL_IPV6 = new BlockList()
for (const [network, prefix] of IPV4) SPECIAL_IPV4.addSubnet(network, prefix, 'ipv4')
for (const [network, prefix] of IPV6) SPECIAL_IPV6.addSubnet(network, prefix, 'ipv6')

/** Whether an address is not one of the public Internet. Text that is no address counts as special, too. */
export function isSpecialUse(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return SPECIAL_IPV4.check(address, 'ipv4')
    case 6:
      return SPECIAL_IPV6.check(address, 'ipv6')
    default:
      return true
  }
}
