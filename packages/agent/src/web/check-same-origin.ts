import type { RequestHandler } from 'express'
import { AgentRefusal } from '../ceremony/agent-refusal.ts'

/** A form of our own page: `Origin` must be there and exactly ours (Host is checked before), `Sec-Fetch-Site` must not disagree. */
export const checkSameOrigin: RequestHandler = (request, _response, next) => {
  const origins = request.headersDistinct.origin ?? []
  if (origins.length !== 1 || origins[0] !== `http://${String(request.headers.host)}`) {
    throw new AgentRefusal('REQUEST_FOREIGN', 'origin')
  }
  const site = request.get('sec-fetch-site')
  if (site !== undefined && site !== 'same-origin') throw new AgentRefusal('REQUEST_FOREIGN', 'sec-fetch-site')
  next()
}
