/** A request that may be sent again after its answer was lost: the same caller, the same key. */
export type BegunRequest =
  | { readonly outcome: 'first' | 'other-request' | 'under-way' }
  | { readonly outcome: 'answered'; readonly answer: string }

/** Whoever died half-way left nothing behind, but in the moment between what was done, in one transaction, and its answer here. */
export const UNDER_WAY_MS = 60_000
export const REMEMBERED_MS = 24 * 60 * 60_000

/** Port: answers that are given again. */
export interface IdempotencyStore {
  /** @param caller who by which program @param requestDigest of all that the request asks for */
  begin(caller: string, key: string, requestDigest: Uint8Array, at: Date): Promise<BegunRequest>
  finish(caller: string, key: string, answer: string): Promise<void>
  /** It was refused: the same key may ask again. */
  forget(caller: string, key: string): Promise<void>
  deleteExpired(at: Date, limit: number): Promise<number>
}
