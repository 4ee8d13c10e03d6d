import type { RevocationAnswer, RevocationSource } from './revocation-source.ts'

/**
 * Sources in the order of the configuration. The next is asked only when one has no usable answer: `unknown` and `revoked` are answers.
 * When none has one, the first says why: it is the one an operator has to mend.
 *
 * @throws RangeError without a source: "none" is a source too, and has to be named
 */
export function orderSources(sources: readonly RevocationSource[]): RevocationSource {
  const [first, ...others] = sources
  if (first === undefined) throw new RangeError('at least one source of revocation must be named')
  if (others.length === 0) return first
  return {
    method: first.method,
    name: first.name,
    async check(question): Promise<RevocationAnswer> {
      const preferred = await first.check(question)
      if (preferred.status !== 'unavailable') return preferred
      for (const source of others) {
        const answer = await source.check(question)
        if (answer.status !== 'unavailable') return answer
      }
      return preferred
    },
  }
}
