import type { Response } from 'express'

/** Aborted when the browser hangs up before it has its answer. */
export function whileConnected(response: Response): AbortSignal {
  const controller = new AbortController()
  response.once('close', () => {
    if (!response.writableFinished) controller.abort()
  })
  return controller.signal
}
