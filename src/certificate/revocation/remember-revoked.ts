import { questionKey } from './question-key.ts'
import type { RevocationAnswer, RevocationSource } from './revocation-source.ts'

/** Far more revoked cards than ever come here: only somebody who holds the card gets as far as the question. */
const CAPACITY = 100_000

/**
 * Once revoked, always revoked (design.md §7): no replayed answer, no older list and no other source makes it good again.
 * To be put around all sources together. JPKI never lifts a suspension in practice (jpki.md §4.2).
 */
export function rememberRevoked(source: RevocationSource, capacity = CAPACITY): RevocationSource {
  const revoked = new Map<string, RevocationAnswer>()
  return {
    method: source.method,
    name: source.name,
    async check(question) {
      const key = questionKey(question)
      const remembered = revoked.get(key)
      if (remembered !== undefined) return remembered
      const answer = await source.check(question)
      if (answer.status === 'revoked') {
        if (revoked.size >= capacity) revoked.delete(revoked.keys().next().value as string)
        revoked.set(key, answer)
      }
      return answer
    },
  }
}
