/** From here on one call into Node is cheaper than looking at octet after octet. */
const LONG = 64

/** Whether two strings of octets are equal. Not for secrets. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  const { length } = a
  if (length !== b.length) return false
  if (length > LONG) return Buffer.compare(a, b) === 0
  for (let i = 0; i < length; i++) if (a[i] !== b[i]) return false
  return true
}
