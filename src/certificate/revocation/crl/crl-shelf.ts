import type { UnavailableCause } from '../unavailable-cause.ts'
import type { AcceptedCrl } from './accept-crl.ts'

/** The lists in use. A list is replaced whole, in one step, and only by one that is not older. */
export interface CrlShelf {
  /** @returns why a list was not taken */
  offer(crl: AcceptedCrl): UnavailableCause | undefined
  listsOf(issuerKeyIdHex: string): readonly AcceptedCrl[]
  /** What was wrong at the last loading; `undefined` when nothing was. Lists that are in use stay in use. */
  readonly fault: UnavailableCause | undefined
  reportFault(cause: UnavailableCause | undefined): void
  /** The highest number of each scope that was ever taken: to be remembered over a restart. */
  numbers(): Readonly<Record<string, bigint>>
}

/**
 * @param floor numbers of {@link CrlShelf.numbers} from an earlier life
 */
export function createCrlShelf(floor: Readonly<Record<string, bigint>> = {}): CrlShelf {
  const highest = new Map(Object.entries(floor))
  const lists = new Map<string, AcceptedCrl>()
  let fault: UnavailableCause | undefined
  return {
    offer(crl) {
      const key = scopeKey(crl)
      const known = highest.get(key)
      // RFC 5280 §5.2.3: the number increases; who shows an older one wants something to be forgotten (attack 34)
      if (known !== undefined && crl.crlNumber < known) return 'crl-rolled-back'
      const current = lists.get(key)
      if (current !== undefined && crl.crlNumber === known && crl.thisUpdate < current.thisUpdate)
        return 'crl-rolled-back'
      highest.set(key, crl.crlNumber)
      lists.set(key, crl)
      return undefined
    },
    listsOf: (issuerKeyIdHex) => [...lists.values()].filter((list) => list.issuerKeyIdHex === issuerKeyIdHex),
    get fault() {
      return fault
    },
    reportFault(cause) {
      fault = cause
    },
    numbers: () => Object.fromEntries(highest),
  }
}

function scopeKey({ issuerKeyIdHex, scope }: AcceptedCrl): string {
  return scope.covers === 'points' ? [issuerKeyIdHex, ...scope.names.toSorted()].join(' ') : issuerKeyIdHex
}
