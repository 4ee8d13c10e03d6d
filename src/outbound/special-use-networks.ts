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

/** Mapped, translated and tunnelled IPv4 addresses are here as a whole: nobody needs them to reach a public host. */
const IPV6: readonly (readonly [network: string, prefix: number])[] = [
  ['::', 96],
  ['::ffff:0:0', 96],
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['100::', 64],
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
  ['5f00::', 16],
  ['fc00::', 7],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
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
