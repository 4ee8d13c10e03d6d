import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { Header } from '../security-headers.ts'
import { targetOf, type Target } from './exchange.ts'

/** Answers whatever is below its path. */
export type DirectAnswer = (req: IncomingMessage, res: ServerResponse, target: Target) => Promise<void>

/**
 * The requests of a log-in do not pass through express, which costs more than many of them (docs/adr/0025): they are known by the beginning
 * of their path. Everything else goes on to it.
 *
 * @param headers of every answer
 * @param others express
 */
export function answerDirectly({
  headers,
  interactions,
  agent,
  others,
}: {
  readonly headers: readonly Header[]
  readonly interactions: DirectAnswer
  readonly agent: DirectAnswer
  readonly others: RequestListener
}): RequestListener {
  const answererOf = (path: string): DirectAnswer | undefined => {
    if (path.startsWith('/interaction/') || path === '/interaction') return interactions
    return path.startsWith('/agent/tickets/') ? agent : undefined
  }

  return (req, res) => {
    const target = targetOf(req)
    const answer = answererOf(target.path)
    if (answer === undefined) {
      others(req, res)
      return
    }
    for (const [name, value] of headers) res.setHeader(name, value)
    answer(req, res, target).catch(() => {
      // half an answer is out already, or not even what went wrong can be told
      if (res.headersSent) res.destroy()
      else res.writeHead(500, { 'Content-Length': 0 }).end()
    })
  }
}
