import { z } from 'zod'
import type { LogoutNotice } from '../oidc/log-out.ts'
import type { Log } from '../observability/log.ts'
import { LOGOUT_NOTICE } from '../storage/logout-notices.ts'
import type { Outbox } from '../storage/outbox.ts'

const EVERY_MS = 1000
const BATCH = 20
/** Longer than a request may take (outbound/). */
const LEASE_SECONDS = 30
/** After the first, second, … attempt; then it is given up, and stays in the table with its last error. */
const RETRY_AFTER_SECONDS = [1, 5, 30, 120, 600, 3600, 6 * 3600, 24 * 3600]

const noticeSchema = z.object({ clientId: z.string(), accountId: z.string(), sessionId: z.string().optional() })

export interface LogoutDelivery {
  put(notice: LogoutNotice): Promise<void>
  /** Begins to send what is there and what comes. Several processes may do it at once. */
  start(send: (notice: LogoutNotice) => Promise<void>): void
  stop(): Promise<void>
}

/** Tells sites that somebody logged out, until they have heard it. */
export function deliverLogouts({
  outbox,
  log,
  now,
}: {
  readonly outbox: Outbox
  readonly log: Log
  readonly now: () => Date
}): LogoutDelivery {
  let timer: NodeJS.Timeout | undefined
  let underWay: Promise<void> = Promise.resolve()
  let wake = (): void => undefined

  const sendDue = async (send: (notice: LogoutNotice) => Promise<void>): Promise<void> => {
    const messages = await outbox.takeDue(LOGOUT_NOTICE, { limit: BATCH, leaseSeconds: LEASE_SECONDS })
    await Promise.all(
      messages.map(async ({ id, payload, attempts }) => {
        const notice = noticeSchema.safeParse(payload)
        if (!notice.success) {
          // nobody will ever be able to read it; and it must not be taken before those that can be
          await outbox.fail(id, 'it could not be read', undefined)
          log.error({ id }, 'a notice of a log-out could not be read')
          return
        }
        const { clientId, accountId, sessionId } = notice.data
        try {
          await send({ clientId, accountId, sessionId })
          await outbox.finish(id)
        } catch (fault) {
          const seconds = RETRY_AFTER_SECONDS[attempts - 1]
          const nextAt = seconds === undefined ? undefined : new Date(now().getTime() + seconds * 1000)
          await outbox.fail(id, messageOf(fault), nextAt)
          log.warn(
            { clientId, attempts, givenUp: nextAt === undefined, err: fault },
            'a site was not told of a log-out',
          )
        }
      }),
    )
  }

  return {
    put: async (notice) => {
      await outbox.put(LOGOUT_NOTICE, notice)
      wake()
    },
    start: (send) => {
      wake = () => {
        underWay = underWay
          .then(() => sendDue(send))
          .catch((fault: unknown) => {
            log.warn({ err: fault }, 'notices of log-outs wait a little longer')
          })
      }
      timer = setInterval(() => {
        wake()
      }, EVERY_MS)
      timer.unref()
    },
    stop: async () => {
      clearInterval(timer)
      wake = () => undefined
      await underWay
    },
  }
}

/** Bounded, and without anything that a site wrote. */
function messageOf(fault: unknown): string {
  return (fault instanceof Error ? fault.message : String(fault)).slice(0, 200)
}
