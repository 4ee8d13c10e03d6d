import { Router } from 'express'

export interface HealthChecks {
  /** Resolves when the database answers; rejects or stays silent otherwise. */
  readonly database: () => Promise<unknown>
  /** Whether anyone's card can still be judged: `ending` is a warning, thirty days ahead. */
  readonly anchors: () => { readonly state: 'ready' | 'ending' | 'unready'; readonly lastUsableUntil: Date | undefined }
}

const READY_DEADLINE_MS = 2000

/** `/live`: the process answers. `/ready`: it can do its work. Nothing secret, nothing of a person. */
export function createHealth(checks: HealthChecks): Router {
  const router = Router()
  router.get('/live', (_req, res) => {
    res.set('Cache-Control', 'no-store').json({ status: 'ok' })
  })
  router.get('/ready', async (_req, res) => {
    const database = await within(READY_DEADLINE_MS, checks.database())
    const { state, lastUsableUntil } = checks.anchors()
    const isReady = database === 'ok' && state !== 'unready'
    res
      .status(isReady ? 200 : 503)
      .set('Cache-Control', 'no-store')
      .json({
        status: isReady ? 'ok' : 'unavailable',
        checks: { database, trust_anchors: { state, last_usable_until: lastUsableUntil?.toISOString() ?? null } },
      })
  })
  return router
}

async function within(deadlineMs: number, work: Promise<unknown>): Promise<'ok' | 'unavailable'> {
  const { promise: late, resolve } = Promise.withResolvers<'unavailable'>()
  const timer = setTimeout(resolve, deadlineMs, 'unavailable')
  try {
    return await Promise.race([
      work.then(
        () => 'ok' as const,
        () => 'unavailable' as const,
      ),
      late,
    ])
  } finally {
    clearTimeout(timer)
  }
}
