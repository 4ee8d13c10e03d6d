import type { Database, Queryable } from './database.ts'

/** What a transaction relied on changed before it could write: everything is rolled back, and the caller looks again. */
export class Outpaced extends Error {
  override readonly name = 'Outpaced'
}

/** @returns undefined, with nothing written, when `work` threw `Outpaced` */
export async function unlessOutpaced<Result>(
  database: Database,
  work: (transaction: Queryable) => Promise<Result>,
): Promise<Result | undefined> {
  try {
    return await database.transaction(work)
  } catch (fault) {
    if (fault instanceof Outpaced) return undefined
    throw fault
  }
}
