import type { SigningKeyStore, SigningKeyTable, StoredSigningKey } from '../../src/signing-key/signing-key-store.ts'

/** The port of src/signing-key in memory; `exclusively` makes its callers take turns, as the real one does. */
export interface MemorySigningKeyStore extends SigningKeyStore {
  readonly keys: readonly StoredSigningKey[]
  change(kid: string | undefined, to: Partial<StoredSigningKey>): void
}

export function createMemorySigningKeyStore(): MemorySigningKeyStore {
  const keys: StoredSigningKey[] = []
  const newestFirst = (): StoredSigningKey[] => keys.toSorted((one, other) => +other.publishedAt - +one.publishedAt)
  const table: SigningKeyTable = {
    list: () => Promise.resolve(newestFirst()),
    insert: (key) => Promise.resolve(void keys.push(key)),
  }
  let turn: Promise<unknown> = Promise.resolve()
  return {
    keys,
    list: () => table.list(),
    exclusively(work) {
      const mine = turn.then(() => work(table))
      turn = mine.catch(() => undefined)
      return mine
    },
    change(kid, to) {
      const place = keys.findIndex((key) => key.kid === kid)
      const key = keys[place]
      if (key === undefined) throw new Error('there is no such key')
      keys[place] = { ...key, ...to }
    },
  }
}
