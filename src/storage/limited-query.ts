import type pg from 'pg'

/** A statement that takes longer than this has failed: the person sees "try again" instead of a page that hangs. */
export const QUERY_TIMEOUT_MS = 15_000

/**
 * A statement with a time limit on this side of the connection, for a server that is gone without a word: pg reads
 * `query_timeout` from each query, which its type declarations leave out.
 */
export function limitedQuery(text: string, values: readonly unknown[] = []): pg.QueryConfig {
  const query = { text, values: [...values], query_timeout: QUERY_TIMEOUT_MS }
  return query
}
