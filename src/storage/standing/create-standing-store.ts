import type { Standing, StandingAnswer, StandingQuestion } from '../../oidc/find-account.ts'
import type { Database } from '../database.ts'
import { askInTurn } from './ask-in-turn.ts'
import { createStandingMemory } from './standing-memory.ts'
import {
  BEGIN_MEMORY,
  HOW_THEY_STAND,
  MOST_CHANGES,
  WHAT_CHANGED,
  type ChangesRow,
  type StandingRow,
} from './standing-statements.ts'

/**
 * Whether an account may go on with what one of its cards was tapped for. A renewed card (`superseded`) does not log anybody out; one that was
 * revoked, unlinked, or moved to another account by a split does. After a merge the tokens of the account that went stand with the one that is left.
 *
 * A yes is remembered, and never believed by itself: each time PostgreSQL is asked, after the question came, who has changed since
 * (docs/adr/0024). A no is not remembered, nor whatever depends on more than one account.
 */
export function createStandingStore(database: Database): Standing {
  const memory = createStandingMemory()
  /** All that is remembered held at this snapshot, or was read later. */
  let looked: { readonly memory: string; readonly seen: string } | undefined

  let isBeginning = false
  const begin = (): void => {
    if (isBeginning) return
    isBeginning = true
    void database.query(BEGIN_MEMORY).then(begun, begun)
  }
  const begun = (): void => {
    isBeginning = false
  }

  /** @returns whether what was read in the same moment may be remembered */
  const takeNotice = ({ memory: name, seen, moved }: ChangesRow): boolean => {
    const goesOn = name !== null && name === looked?.memory
    if (!goesOn || moved.includes(null) || moved.length > MOST_CHANGES) memory.forgetEverybody()
    else for (const accountId of moved) if (accountId !== null) memory.forget(accountId)
    // asked from nowhere, and nothing is there
    if (name === null && looked === undefined) begin()
    looked = name === null ? undefined : { memory: name, seen }
    return name !== null
  }

  const ask = askInTurn(async (questions: readonly StandingQuestion[]) => {
    const since = looked?.seen ?? null
    if (questions.length === 0) {
      const { rows } = await database.query<ChangesRow>(WHAT_CHANGED, [since])
      if (rows[0] !== undefined) takeNotice(rows[0])
      return []
    }
    const { rows } = await database.query<StandingRow>(HOW_THEY_STAND, [
      since,
      questions.map(({ accountId }) => accountId),
      questions.map(({ credentialId }) => credentialId),
      questions.map(({ askedFor }) => askedFor ?? null),
      questions.map(({ grantedAt }) => grantedAt ?? null),
      questions.map(({ sector }) => sector ?? null),
    ])
    const mayKeep = rows[0] !== undefined && takeNotice(rows[0])
    const standing = new Map(rows.map((row) => [Number(row.place), row]))
    return questions.map((question, index): StandingAnswer | undefined => {
      const row = standing.get(index + 1)
      if (row === undefined) return undefined
      const answer = { signOuts: row.sign_outs, subject: row.sub ?? undefined }
      if (mayKeep && row.is_plain) memory.keep(question, answer)
      return answer
    })
  })

  const find: Standing['find'] = async (question) => {
    if (memory.get(question) === undefined) return ask(question)
    await ask()
    return memory.get(question) ?? ask(question)
  }

  return {
    find,
    begin: () => {
      const looking = ask()
      // nobody may come to ask
      looking.catch(ignore)
      return {
        find: async (question) => {
          await looking
          return memory.get(question) ?? ask(question)
        },
      }
    },
    signOutsOf: async (accountId, credentialId, askedFor, grantedAt) =>
      (await find({ accountId, credentialId, askedFor, grantedAt }))?.signOuts,
  }
}

function ignore(): void {
  // who waits for it is told
}
