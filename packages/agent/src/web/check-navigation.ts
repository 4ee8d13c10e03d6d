import type { RequestHandler } from 'express'
import { AgentRefusal } from '../ceremony/agent-refusal.ts'

/**
 * A page is opened by a person's browser as a page: not fetched by a script, not loaded as an image, not framed, not prefetched or
 * prerendered, all of which would use up a ticket behind the person's back. Browsers say so (Fetch Metadata); others need not.
 */
export const checkNavigation: RequestHandler = (request, _response, next) => {
  const mode = request.get('sec-fetch-mode')
  const destination = request.get('sec-fetch-dest')
  if (mode !== undefined && mode !== 'navigate') throw new AgentRefusal('REQUEST_FOREIGN', 'sec-fetch-mode')
  if (destination !== undefined && destination !== 'document')
    throw new AgentRefusal('REQUEST_FOREIGN', 'sec-fetch-dest')
  if (request.get('sec-purpose') !== undefined) throw new AgentRefusal('REQUEST_FOREIGN', 'sec-purpose')
  next()
}
