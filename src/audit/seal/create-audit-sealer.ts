import { sealDigest, sealedBytes, tombstoneBytes } from './audit-seal.ts'
import type { AuditSealStore, AuditSealTable, Horizon } from './audit-seal-store.ts'
import type { CurrentSealingKey, SealingKey } from './audit-signer.ts'
import { leafOf, rootOf } from './merkle-tree.ts'

/** So that one seal is some hundred kilobytes at most. */
const MAX_EVENTS = 4096

export interface AuditSealerDependencies {
  readonly store: AuditSealStore
  readonly currentKey: CurrentSealingKey
  readonly now: () => Date
}

export interface AuditSealer {
  /**
   * Closes what is settled. A record is settled some moments after it was written, so the first call after it may only look.
   *
   * @returns how many records were sealed; 0 also when another process is at it
   */
  seal(): Promise<number>
  /** Takes out what is wholly older than `before`, seal by seal, a tombstone for each. @returns how many records */
  prune(before: Date, reason: string): Promise<number>
}

/**
 * Seals the log in batches, so that no sign-in waits for another one's record: a Merkle root over each batch, chained to the one
 * before, signed with the provider's key.
 */
export function createAuditSealer({ store, currentKey, now }: AuditSealerDependencies): AuditSealer {
  let horizon: Horizon | undefined

  /** @returns how many records the batch had */
  const sealBatch = async (table: AuditSealTable, upTo: bigint, key: SealingKey): Promise<number> => {
    const last = await table.last()
    const after = last?.lastSequence ?? 0n
    const events = await table.events({ after, upTo, limit: MAX_EVENTS })
    const newest = events.at(-1)
    if (newest === undefined) return 0
    const leaves = events.map((event) => ({ sequence: event.sequence, hash: leafOf(event) }))
    const said = {
      number: (last?.number ?? 0) + 1,
      firstSequence: after + 1n,
      lastSequence: newest.sequence,
      root: rootOf(leaves.map(({ hash }) => hash)),
      previous: last && sealDigest(last),
      sealedAt: now(),
      kid: key.kid,
      leaves,
    }
    await table.append({ ...said, signature: key.sign(sealedBytes(said)) })
    return events.length
  }

  return {
    async seal() {
      const settled = horizon
      if (settled === undefined) {
        horizon = await store.horizon()
        return 0
      }
      if (!(await store.isSettled(settled))) return 0
      let sealed = 0
      const key = await currentKey()
      for (;;) {
        const batch = await store.tryExclusively((table) => sealBatch(table, settled.lastSequence, key))
        sealed += batch ?? 0
        if (batch !== MAX_EVENTS) break
      }
      horizon = await store.horizon()
      return sealed
    },

    async prune(before, reason) {
      let pruned = 0
      const key = await currentKey()
      for (;;) {
        const buried = await store.tryExclusively(async (table) => {
          const [seal] = await table.prunable(before, 1)
          if (seal === undefined) return 0
          const said = { sealNumber: seal.number, events: seal.leaves.length, reason, prunedAt: now(), kid: key.kid }
          await table.bury({ ...said, signature: key.sign(tombstoneBytes(said)) })
          return said.events
        })
        if (buried === undefined || buried === 0) return pruned
        pruned += buried
      }
    },
  }
}
