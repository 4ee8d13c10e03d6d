import type pg from 'pg'

/** Something that runs one statement: the database itself, or a transaction of it. */
export interface Queryable {
  /**
   * @param text SQL with `$1` placeholders; never built from input
   * @throws Refusal SERVER_STORAGE_UNAVAILABLE when the database could not be asked or is not able to answer
   */
  query<Row extends pg.QueryResultRow>(text: string, values?: readonly unknown[]): Promise<pg.QueryResult<Row>>
}

export interface Database extends Queryable {
  /** `embedded` is one session behind a pool of one: transactions wait for each other. */
  readonly kind: 'postgresql' | 'embedded'
  /** For migrations and tests; stores use `query` and `transaction`, which translate faults. */
  readonly pool: pg.Pool
  /**
   * Runs `work` in one transaction (READ COMMITTED): commits when it resolves, rolls back when it rejects.
   * `work` must use the transaction it is handed, never the database: the embedded one would wait for itself.
   *
   * @throws Refusal SERVER_STORAGE_UNAVAILABLE, or what `work` threw
   */
  transaction<Result>(work: (transaction: Queryable) => Promise<Result>): Promise<Result>
  /** Waits for what runs, then ends every connection; of the embedded database also frees its directory. */
  close(): Promise<void>
}
