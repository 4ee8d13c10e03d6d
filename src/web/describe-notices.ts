import type { AccountNotice } from '../subject/notice/account-notices.ts'
import { writeMoment, type WrittenTime } from './describe-overview.ts'
import type { Locale } from './locale.ts'

/** What was done to somebody's account by others, in the keys of its words. */
export interface WrittenNotice {
  readonly at: WrittenTime
  readonly textKey: string
  /** Of what was taken back: what it was. */
  readonly undoneKey: string | undefined
  readonly reasonKey: string | undefined
}

export function describeNotices(notices: readonly AccountNotice[], locale: Locale): readonly WrittenNotice[] {
  return notices.map(({ act, undone, isOther, reason, at }) => ({
    at: writeMoment(at, locale),
    textKey: `notices.acts.${act}.${isOther ? 'other' : 'own'}`,
    undoneKey: undone && `notices.acts.${undone}.${isOther ? 'other' : 'own'}`,
    reasonKey: reason && `notices.reasons.${reason}`,
  }))
}
