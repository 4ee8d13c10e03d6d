import { LRUCache } from 'lru-cache'
import type { StandingAnswer, StandingQuestion } from '../../oidc/find-account.ts'

/** Of how many people at a time: some ten megabytes. */
const MOST_ACCOUNTS = 20_000
/** Of one person: a few cards, sites and tokens. Whoever asks for more begins anew. */
const MOST_OF_ACCOUNT = 16

/** What was last read of people, account by account. Whether it still holds is not its affair. */
export interface StandingMemory {
  get(question: StandingQuestion): StandingAnswer | undefined
  keep(question: StandingQuestion, answer: StandingAnswer): void
  forget(accountId: string): void
  forgetEverybody(): void
}

export function createStandingMemory(): StandingMemory {
  const accounts = new LRUCache<string, Map<string, StandingAnswer>>({ max: MOST_ACCOUNTS })
  return {
    get: (question) => accounts.get(question.accountId)?.get(nameOf(question)),
    keep: (question, answer) => {
      const known = accounts.get(question.accountId)
      const isFull = known === undefined || known.size >= MOST_OF_ACCOUNT
      if (isFull) accounts.set(question.accountId, new Map([[nameOf(question), answer]]))
      else known.set(nameOf(question), answer)
    },
    forget: (accountId) => {
      accounts.delete(accountId)
    },
    forgetEverybody: () => {
      accounts.clear()
    },
  }
}

/** None of the parts holds a line's end: ids, a client's name, seconds, a host or URN. */
function nameOf({ credentialId, askedFor, grantedAt, sector }: StandingQuestion): string {
  // when it was granted matters only where a consent can be taken back
  return askedFor === undefined
    ? `${credentialId}\n${sector ?? ''}`
    : `${credentialId}\n${sector ?? ''}\n${askedFor}\n${grantedAt ?? ''}`
}
