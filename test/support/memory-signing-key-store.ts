import type {
  KeyMove,
  SigningKeyStore,
  SigningKeyTable,
  StoredSigningKey,
} from '../../src/signing-key/signing-key-store.ts'

/** The port of src/signing-key in memory; `exclusively` makes its callers take turns, as the real one does. */
export interface MemorySigningKeyStore extends SigningKeyStore {
  readonly keys: readonly StoredSigningKey[]
  /** What the audit log was told. */
  readonly recorded: readonly KeyMove[]
  change(kid: string | undefined, to: Partial<StoredSigningKey>): void
}

/** @param first keys that are there already */
export function createMemorySigningKeyStore(first: readonly StoredSigningKey[] = []): MemorySigningKeyStore {
  const keys: StoredSigningKey[] = [...first]
  const recorded: KeyMove[] = []
  const newestFirst = (): StoredSigningKey[] => keys.toSorted((one, other) => +other.publishedAt - +one.publishedAt)
  const table: SigningKeyTable = {
    list: () => Promise.resolve(newestFirst()),
    insert: (key) => Promise.resolve(void keys.push(key)),
    update(key) {
      const place = keys.findIndex(({ kid }) => kid === key.kid)
      const others = keys.filter(({ kid, algorithm }) => kid !== key.kid && algorithm === key.algorithm)
      if (key.state === 'active' && others.some(({ state }) => state === 'active'))
        throw new Error('two keys that sign')
      keys[place] = key
      return Promise.resolve()
    },
    record: (moves) => Promise.resolve(void recorded.push(...moves)),
  }
  let busy = 0
  let turn: Promise<unknown> = Promise.resolve()
  return {
    keys,
    recorded,
    list: () => table.list(),
    exclusively(work) {
      busy += 1
      const mine = turn.then(() => work(table)).finally(() => (busy -= 1))
      turn = mine.catch(() => undefined)
      return mine
    },
    tryExclusively(work) {
      return busy > 0 ? Promise.resolve(undefined) : this.exclusively(work)
    },
    change(kid, to) {
      const place = keys.findIndex((key) => key.kid === kid)
      const key = keys[place]
      if (key === undefined) throw new Error('there is no such key')
      keys[place] = { ...key, ...to }
    },
  }
}
