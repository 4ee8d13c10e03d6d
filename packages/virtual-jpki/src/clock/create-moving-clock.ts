import { addDuration, parseDuration } from './parse-duration.ts'

/** A clock that runs on as the one beneath it, by so much ahead or behind. */
export interface MovingClock {
  readonly now: () => Date
  /** Negative when it is behind. */
  readonly offsetMs: () => number
  /**
   * @param by milliseconds, or ISO 8601 such as `P4Y11M`; never backwards
   * @returns the new now
   * @throws RangeError
   */
  readonly advance: (by: number | string) => Date
  /** To any moment, also an earlier one. @throws RangeError for an invalid date */
  readonly setNow: (at: Date) => Date
  /** Back to the clock beneath. */
  readonly reset: () => Date
}

export function createMovingClock(beneath: () => Date): MovingClock {
  let offset = 0
  const now = (): Date => new Date(beneath().getTime() + offset)
  const setNow = (at: Date): Date => {
    if (Number.isNaN(at.getTime())) throw new RangeError('no such moment')
    offset = at.getTime() - beneath().getTime()
    return now()
  }
  return {
    now,
    offsetMs: () => offset,
    advance(by) {
      if (typeof by === 'string') return setNow(addDuration(now(), parseDuration(by)))
      if (!(by >= 0)) throw new RangeError('a clock advances by zero milliseconds or more')
      return setNow(new Date(now().getTime() + by))
    },
    setNow,
    reset() {
      offset = 0
      return now()
    },
  }
}
