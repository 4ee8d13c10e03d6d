import { Router } from 'express'
import type { Health } from '../observability/health/create-health.ts'

export interface HealthPagesDependencies {
  readonly health: Health
  /** From the moment at which this process was told to stop: balancers must look elsewhere. */
  readonly isStopping: () => boolean
}

/** `/live`: the process answers. `/ready`: requests may be sent to it. Nothing secret, nothing of a person. */
export function createHealthPages({ health, isStopping }: HealthPagesDependencies): Router {
  const router = Router()
  router.get('/live', (_req, res) => {
    res.set('Cache-Control', 'no-store').json({ status: 'ok' })
  })
  router.get('/ready', async (_req, res) => {
    const { state, checks } = await health.read()
    const stopping = isStopping()
    res
      .status(stopping || state === 'unready' ? 503 : 200)
      .set('Cache-Control', 'no-store')
      .json({
        status: stopping ? 'stopping' : state,
        checks: Object.fromEntries(
          checks.map(({ name, state: found, ageSeconds, detail }) => [
            name,
            { state: found, age_seconds: ageSeconds, ...detail },
          ]),
        ),
      })
  })
  return router
}
