/** Who has one IPv6 address has its whole /64 (RFC 6177): they count as one sender. */
const HEXTETS_OF_NETWORK = 4

/** @returns the IPv4 address, or the first 64 bits of an IPv6 address */
export function networkOf(address: string | undefined): string {
  if (address === undefined) return 'unknown'
  if (!address.includes(':')) return address
  const [head = '', tail] = address.split('%')[0]?.split('::') ?? []
  const first = head === '' ? [] : head.split(':')
  const last = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = tail === undefined ? 0 : 8 - first.length - last.length
  const hextets = [...first, ...Array<string>(Math.max(0, zeros)).fill('0'), ...last]
  return hextets
    .slice(0, HEXTETS_OF_NETWORK)
    .map((hextet) => parseInt(hextet, 16).toString(16))
    .join(':')
}
