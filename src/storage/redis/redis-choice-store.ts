import { z } from 'zod'
import type { ChoiceStore } from '../../sign-in/choice-store.ts'
import type { Digest } from '../../sign-in/ticket-store.ts'
import { singleKey } from './keys.ts'
import type { RunScript } from './run-script.ts'

/** Pending choices in Redis. */
export function createRedisChoiceStore({
  run,
  now,
}: {
  readonly run: RunScript
  readonly now: () => Date
}): ChoiceStore {
  return {
    async put(tokenDigest, { expiresAt, sealedEvidence, ...choice }) {
      const life = Math.max(1, expiresAt.getTime() - now().getTime())
      const kept: z.input<typeof choiceSchema> = {
        ...choice,
        sealedEvidence: Buffer.from(sealedEvidence).toString('base64url'),
        expiresAt: expiresAt.toISOString(),
      }
      await run('write', [keyOf(tokenDigest)], [life, expiresAt.getTime(), JSON.stringify(kept), '0'])
    },

    async take(tokenDigest, at) {
      const taken = await run('take', [keyOf(tokenDigest)], [], at)
      if (typeof taken !== 'string') return undefined
      const { sealedEvidence, expiresAt, ...choice } = choiceSchema.parse(JSON.parse(taken))
      return { ...choice, sealedEvidence: Buffer.from(sealedEvidence, 'base64url'), expiresAt: new Date(expiresAt) }
    },

    // Redis forgets by itself
    deleteExpired: () => Promise.resolve(0),
  }
}

const choiceSchema = z.object({
  interactionId: z.string(),
  clientId: z.string(),
  sealedEvidence: z.string(),
  triesLeft: z.int(),
  expiresAt: z.string(),
})

const keyOf = (tokenDigest: Digest): string => singleKey('choice', Buffer.from(tokenDigest).toString('base64url'))
