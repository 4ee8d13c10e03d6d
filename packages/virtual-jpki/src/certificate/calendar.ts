/**
 * Validity periods that never grow old: every date is so many years from the year in which the PKI was made. Within one calendar
 * year the same seed gives the same certificates to the byte; in the next one the same keys and serials with later dates.
 */
export interface Calendar {
  /** @param monthAndTime `MM-DDTHH:MM:SS`, UTC */
  date(yearOffset: number, monthAndTime: string): Date
}

export function createCalendar(madeAt: Date): Calendar {
  const year = madeAt.getUTCFullYear()
  return { date: (yearOffset, monthAndTime) => new Date(`${year + yearOffset}-${monthAndTime}Z`) }
}

/** Month and day on which somebody was born. */
export interface Birthday {
  readonly month: number
  readonly day: number
}

/**
 * End of the fifth birthday after issue (jpki.md §2.5): 23:59:59 in Japan, which is 14:59:59 UTC of the same day.
 * Who was born on 29 February has the birthday of other years on the 28th.
 */
export function endOfFifthBirthday(issuedAt: Date, birthday: Birthday): Date {
  const endOfBirthday = (year: number): Date => {
    const isLeapYear = new Date(Date.UTC(year, 1, 29)).getUTCMonth() === 1
    const day = birthday.month === 2 && birthday.day === 29 && !isLeapYear ? 28 : birthday.day
    return new Date(Date.UTC(year, birthday.month - 1, day, 14, 59, 59))
  }
  const issueYear = issuedAt.getUTCFullYear()
  const firstBirthdayIsThisYear = endOfBirthday(issueYear) > issuedAt
  return endOfBirthday(issueYear + (firstBirthdayIsThisYear ? 4 : 5))
}
