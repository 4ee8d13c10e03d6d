/** A span of calendar and clock time, as in `P4Y11M` or `PT15M`. */
export interface Duration {
  readonly years: number
  readonly months: number
  readonly days: number
  readonly milliseconds: number
}

const SYNTAX =
  /^P(?=.)(?:(\d{1,4})Y)?(?:(\d{1,4})M)?(?:(\d{1,4})W)?(?:(\d{1,6})D)?(?:T(?=.)(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,8})S)?)?$/

/** @see ISO 8601-1 §5.5.2.2, whole numbers only. @throws RangeError for anything else */
export function parseDuration(text: string): Duration {
  const parts = SYNTAX.exec(text)
  if (parts === null) throw new RangeError(`not a duration such as P4Y11M or PT15M: ${JSON.stringify(text)}`)
  const [years = 0, months = 0, weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0] = parts
    .slice(1)
    .map((part: string | undefined) => Number(part ?? 0))
  return { years, months, days: weeks * 7 + days, milliseconds: ((hours * 60 + minutes) * 60 + seconds) * 1000 }
}

/** UTC. Who adds a month to 31 January arrives at the last day of February. */
export function addDuration(from: Date, { years, months, days, milliseconds }: Duration): Date {
  const month = from.getUTCFullYear() * 12 + from.getUTCMonth() + years * 12 + months
  const lastDay = new Date(Date.UTC(Math.floor(month / 12), (month % 12) + 1, 0)).getUTCDate()
  const moved = new Date(from)
  moved.setUTCFullYear(0, month, Math.min(from.getUTCDate(), lastDay))
  moved.setUTCDate(moved.getUTCDate() + days)
  return new Date(moved.getTime() + milliseconds)
}
