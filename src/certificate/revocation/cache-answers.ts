import { questionKey } from './question-key.ts'
import type { RevocationAnswer, RevocationSource } from './revocation-source.ts'

export interface AnswerCacheOptions {
  readonly now: () => Date
  /** No answer is believed for longer than this, whatever its nextUpdate: the bound within which a revocation is noticed. */
  readonly ceilingMs: number
  /** How many certificates are remembered. */
  readonly capacity?: number
  /** Told of every look-up, for whoever counts. */
  readonly onLookup?: (found: boolean) => void
}

const DEFAULT_CAPACITY = 50_000

/**
 * Remembers `good` until nextUpdate or the ceiling, whichever is sooner, and asks once for any number of log-ins with one certificate
 * at the same time. Everything else is asked anew; what was revoked is {@link rememberRevoked}'s matter.
 */
export function cacheAnswers(source: RevocationSource, options: AnswerCacheOptions): RevocationSource {
  const { now, ceilingMs, capacity = DEFAULT_CAPACITY, onLookup } = options
  const kept = new Map<string, { readonly answer: RevocationAnswer; readonly untilMs: number }>()
  const underWay = new Map<string, Promise<RevocationAnswer>>()

  const keep = (key: string, answer: RevocationAnswer): void => {
    kept.delete(key)
    if (answer.status !== 'good' || answer.validUntil === undefined) return
    const nowMs = now().getTime()
    const untilMs = Math.min(answer.validUntil.getTime(), nowMs + ceilingMs)
    if (untilMs <= nowMs) return
    // a Map keeps the order of insertion: the first is the oldest
    if (kept.size >= capacity) kept.delete(kept.keys().next().value as string)
    kept.set(key, { answer, untilMs })
  }

  return {
    method: source.method,
    name: source.name,
    async check(question) {
      const key = questionKey(question)
      const entry = kept.get(key)
      const isFound = entry !== undefined && now().getTime() < entry.untilMs
      onLookup?.(isFound)
      if (isFound) return entry.answer
      const asked = underWay.get(key)
      if (asked !== undefined) return asked
      const asking = source.check(question).finally(() => underWay.delete(key))
      underWay.set(key, asking)
      const answer = await asking
      keep(key, answer)
      return answer
    },
  }
}
