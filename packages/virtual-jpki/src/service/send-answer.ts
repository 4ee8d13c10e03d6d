import type { ServerResponse } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'

import type { HttpAnswer } from './http-answer.ts'

/** Sends an answer with the pauses it was ordered with; stops when the asker has gone. */
export async function sendAnswer(response: ServerResponse, answer: HttpAnswer): Promise<void> {
  const gone = new AbortController()
  response.once('close', () => gone.abort())
  try {
    if (answer.delayMs > 0) await pause(answer.delayMs, undefined, { signal: gone.signal })
    if (answer.cut === true) {
      response.destroy()
      return
    }
    const length = answer.withoutLength === true ? {} : { 'content-length': answer.body.length }
    response.writeHead(answer.status, { ...answer.headers, ...length })
    if (answer.dripIntervalMs === undefined) {
      response.end(answer.body)
      return
    }
    for (const octet of answer.body) {
      response.write(Buffer.from([octet]))
      await pause(answer.dripIntervalMs, undefined, { signal: gone.signal })
    }
    response.end()
  } catch (fault) {
    if (!gone.signal.aborted) throw fault
  }
}
