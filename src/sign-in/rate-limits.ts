/**
 * What is counted.
 *
 * `address`: requests of one sender to one surface. `ceremony`: requests about one ticket, or one interaction. `client`: tickets opened for one
 * site. `card`: sign-ins with one card, by its keyed digest, and only those whose signature was verified and that came back in the browser
 * that began: nobody without the card can use it up.
 */
export type RateLimitKind = 'address' | 'ceremony' | 'client' | 'card'

/** What, and who: `key` is stored as a digest. */
export type RateLimitCount = readonly [kind: RateLimitKind, key: string]

/** Port (storage/). */
export interface RateLimits {
  /**
   * Counts one more.
   *
   * @throws RateLimited SIGNIN_RATE_LIMITED, or SIGNIN_CARD_USED_TOO_OFTEN
   */
  count(kind: RateLimitKind, key: string): Promise<void>
  /** Several for one request, waited for once. Who is known to be over makes none of those after it count: a flood makes no new keys. */
  countAll(counts: readonly RateLimitCount[]): Promise<void>
}
