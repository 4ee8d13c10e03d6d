import type { ChoiceStore, PendingChoice } from '../../src/sign-in/choice-store.ts'

/** The choice store's contract in memory: JavaScript runs each method in one piece, as a database runs one statement. */
export function createInMemoryChoiceStore(): ChoiceStore & { dump(): string } {
  const rows = new Map<string, PendingChoice>()
  const keyOf = (digest: Uint8Array): string => Buffer.from(digest).toString('hex')
  return {
    put(digest, choice) {
      rows.set(keyOf(digest), choice)
      return Promise.resolve()
    },
    take(digest, now) {
      const found = rows.get(keyOf(digest))
      if (found === undefined || found.expiresAt <= now) return Promise.resolve(undefined)
      rows.delete(keyOf(digest))
      return Promise.resolve(found)
    },
    deleteExpired(now, limit) {
      const expired = [...rows].filter(([, { expiresAt }]) => expiresAt < now).slice(0, limit)
      for (const [key] of expired) rows.delete(key)
      return Promise.resolve(expired.length)
    },
    dump: () =>
      [...rows.values()]
        .map((row) =>
          (['hex', 'base64', 'latin1'] as const)
            .map((encoding) => Buffer.from(row.sealedEvidence).toString(encoding))
            .join(' '),
        )
        .join(' '),
  }
}
