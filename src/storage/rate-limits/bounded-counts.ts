/** How often each of many keys was seen, in this process, in no more memory than for `maxKeys` of them. */
export interface BoundedCounts {
  /** Counts one more. @returns milliseconds until it is let through again; 0: it is let through */
  count(key: string): number
  /** The same, counting nothing. */
  msLeft(key: string): number
  /** Another place has found that it is over, for so long. */
  block(key: string, ms: number): void
  readonly size: number
}

interface Count {
  points: number
  readonly endsAt: number
}

/** Part of its points after which a key is no passer-by any more. */
const HEAVY = 1 / 4

/**
 * A flood from very many addresses must not fill the memory; and a table that is full must neither let everybody through nor nobody. So
 * passers-by and those that did much have half of the room each, and in each half the oldest is forgotten first. Whoever does much stays
 * counted, however many pass by, and somebody new is always counted from nothing: no stranger pays for the flood.
 *
 * @param now milliseconds that only go forward
 */
export function createBoundedCounts({
  points,
  seconds,
  maxKeys,
  now,
}: {
  readonly points: number
  readonly seconds: number
  readonly maxKeys: number
  readonly now: () => number
}): BoundedCounts {
  // both in the order in which their keys came: the oldest is the first
  const light = new Map<string, Count>()
  const heavy = new Map<string, Count>()

  const find = (key: string): Count | undefined => {
    const found = heavy.get(key) ?? light.get(key)
    if (found === undefined || found.endsAt > now()) return found
    heavy.delete(key)
    light.delete(key)
    return undefined
  }
  const put = (key: string, count: Count): void => {
    const isHeavy = count.points > points * HEAVY
    if (isHeavy) light.delete(key)
    ;(isHeavy ? heavy : light).set(key, count)
    forget()
  }
  const forget = (): void => {
    for (const table of [light, heavy]) {
      for (const [key, { endsAt }] of table) {
        if (endsAt > now() && table.size <= maxKeys / 2) break
        table.delete(key)
      }
    }
  }
  const msLeftOf = (count: Count | undefined, allowed: number): number =>
    count === undefined || count.points < allowed ? 0 : Math.max(1, Math.ceil(count.endsAt - now()))

  return {
    count(key) {
      const count = find(key) ?? { points: 0, endsAt: now() + seconds * 1000 }
      count.points += 1
      put(key, count)
      return msLeftOf(count, points + 1)
    },
    msLeft: (key) => msLeftOf(find(key), points),
    block(key, ms) {
      put(key, { points, endsAt: now() + ms })
    },
    get size() {
      return light.size + heavy.size
    },
  }
}
