import { randomFillSync } from 'node:crypto'

/** Octets drawn at once; a request needs a few dozen. */
const POOL_OCTETS = 4096

/**
 * Octets that nobody can guess, drawn from the operating system's generator a pool at a time: a draw costs the same for four octets and
 * for four thousand. Every octet is handed out once, and wiped from the pool as it leaves; `randomUUID` of Node keeps such a pool too.
 *
 * @param fill as `crypto.randomFillSync`; a parameter for tests
 */
export function createOctetSource(
  fill: (pool: Uint8Array) => unknown = randomFillSync,
): (octets: number) => Uint8Array<ArrayBuffer> {
  const pool = new Uint8Array(POOL_OCTETS)
  let taken = POOL_OCTETS
  return (octets) => {
    if (octets > POOL_OCTETS) throw new RangeError(`no more than ${POOL_OCTETS} octets at once`)
    if (octets > POOL_OCTETS - taken) {
      // what is left is thrown away
      fill(pool)
      taken = 0
    }
    const drawn = pool.slice(taken, taken + octets)
    pool.fill(0, taken, taken + octets)
    taken += octets
    return drawn
  }
}
