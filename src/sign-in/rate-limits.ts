/**
 * What is counted.
 *
 * `address`: requests of one sender to one surface. `ceremony`: requests about one ticket, or one interaction. `client`: tickets opened for one
 * site. `card`: sign-ins with one card, by its keyed digest, and only those whose signature was verified and that came back in the browser
 * that began: nobody without the card can use it up.
 */
export type RateLimitKind = 'address' | 'ceremony' | 'client' | 'card'

/** Port (storage/). */
export interface RateLimits {
  /**
   * Counts one more.
   *
   * @param key names who; stored as a digest
   * @throws RateLimited SIGNIN_RATE_LIMITED, or SIGNIN_CARD_USED_TOO_OFTEN
   */
  count(kind: RateLimitKind, key: string): Promise<void>
}
