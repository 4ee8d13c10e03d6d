/** The octets of one body, as they come in, up to a limit. */
export interface OctetCollector {
  /** @returns false when it is more than may be: then nothing of it was taken */
  add(chunk: Uint8Array): boolean
  octets(): Uint8Array<ArrayBuffer>
}

/**
 * A copy, as large as a body of one piece, growing by doubling for one of many: a large body is never held in pieces and as a whole at the
 * same time for longer than one copy takes, and a small one does not hold what it was read into.
 */
export function collectOctets(maxBytes: number): OctetCollector {
  let octets = new Uint8Array()
  let length = 0
  return {
    add(chunk) {
      const needed = length + chunk.length
      if (needed > maxBytes) return false
      if (needed > octets.length) {
        const larger = new Uint8Array(Math.min(maxBytes, Math.max(octets.length * 2, needed)))
        larger.set(octets.subarray(0, length))
        octets = larger
      }
      octets.set(chunk, length)
      length = needed
      return true
    },
    octets: () => octets.subarray(0, length),
  }
}
