import type { AccountOverview } from '../subject/account-overview.ts'
import type { Locale } from './locale.ts'

const TIME_ZONE = 'Asia/Tokyo'
const FORMATS = {
  ja: {
    day: new Intl.DateTimeFormat('ja-JP', { timeZone: TIME_ZONE, dateStyle: 'long' }),
    moment: new Intl.DateTimeFormat('ja-JP', { timeZone: TIME_ZONE, dateStyle: 'medium', timeStyle: 'short' }),
  },
  en: {
    day: new Intl.DateTimeFormat('en-GB', { timeZone: TIME_ZONE, dateStyle: 'long' }),
    moment: new Intl.DateTimeFormat('en-GB', { timeZone: TIME_ZONE, dateStyle: 'medium', timeStyle: 'short' }),
  },
} as const

/** A moment as a person reads it, with what a machine reads; certificates end at 23:59:59 in Japan (jpki.md §2.1). */
export interface WrittenTime {
  readonly text: string
  readonly machine: string
}

export function writeDay(at: Date, locale: Locale): WrittenTime {
  return { text: FORMATS[locale].day.format(at), machine: at.toISOString() }
}

export function writeMoment(at: Date, locale: Locale): WrittenTime {
  return { text: FORMATS[locale].moment.format(at), machine: at.toISOString() }
}

/** An overview in the words of the page. */
export function describeOverview(
  overview: AccountOverview,
  {
    locale,
    nameOf,
    ownSession,
    isOwnClient,
  }: {
    readonly locale: Locale
    readonly nameOf: (clientId: string) => string
    readonly ownSession: string
    readonly isOwnClient: (clientId: string) => boolean
  },
) {
  return {
    since: writeDay(overview.createdAt, locale),
    credentials: overview.credentials.map(({ kind, status, firstSeenAt, lastUsedAt, notAfter }) => ({
      kind,
      status,
      since: writeDay(firstSeenAt, locale),
      lastUsed: lastUsedAt && writeMoment(lastUsedAt, locale),
      validUntil: notAfter && writeDay(notAfter, locale),
    })),
    sessions: overview.sessions.map(({ reference, signedInAt, expiresAt }) => ({
      reference,
      isThisOne: reference === ownSession,
      signedIn: writeMoment(signedInAt, locale),
      expires: writeMoment(expiresAt, locale),
    })),
    signIns: overview.signIns.map(({ at, clientId, code }) => ({
      at: writeMoment(at, locale),
      name: isOwnClient(clientId) ? undefined : nameOf(clientId),
      code,
    })),
  }
}
