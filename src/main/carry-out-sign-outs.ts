import { z } from 'zod'
import type { Log } from '../observability/log.ts'
import type { Holdings } from '../storage/holdings.ts'
import type { Outbox } from '../storage/outbox.ts'
import { SIGN_OUT } from '../storage/pending-sign-outs.ts'
import { repeat } from './repeat.ts'

const EVERY_MS = 1000
const BATCH = 20
const LEASE_SECONDS = 30
const RETRY_AFTER_SECONDS = 5

const signOutSchema = z.object({ accountId: z.string(), credentialId: z.string().optional(), at: z.coerce.date() })

/**
 * Ends in Redis what PostgreSQL has decided to end: the decision alone already counts everywhere, this frees memory and tells the sites.
 * Repeated until it succeeds. Several processes may do it at once.
 */
export function carryOutSignOuts({
  outbox,
  holdings,
  log,
  now,
}: {
  readonly outbox: Outbox
  readonly holdings: Pick<Holdings, 'signOut'>
  readonly log: Log
  readonly now: () => Date
}): { stop(): Promise<void> } {
  const carryOut = async (): Promise<void> => {
    for (const { id, payload } of await outbox.takeDue(SIGN_OUT, { limit: BATCH, leaseSeconds: LEASE_SECONDS })) {
      const signOut = signOutSchema.safeParse(payload)
      if (!signOut.success) {
        // nobody will ever be able to read it; and it must not be taken before those that can be
        await outbox.fail(id, 'it could not be read', undefined)
        log.error(
          { id },
          'a sign-out could not be read: what was signed out is worth nothing, and stays in Redis until it expires',
        )
        continue
      }
      const { accountId, credentialId, at } = signOut.data
      try {
        await holdings.signOut({ accountId, ...(credentialId === undefined ? {} : { credentialId }) }, at)
        await outbox.finish(id)
      } catch (fault) {
        await outbox.fail(id, 'it could not be carried out', new Date(now().getTime() + RETRY_AFTER_SECONDS * 1000))
        log.warn({ err: fault }, 'what was signed out stays in Redis a little longer, and is worth nothing')
      }
    }
  }
  return repeat(EVERY_MS, carryOut, (fault) => {
    log.warn({ err: fault }, 'sign-outs wait a little longer')
  })
}
