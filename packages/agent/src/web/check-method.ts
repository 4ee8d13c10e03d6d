import type { RequestHandler } from 'express'
import { AgentRefusal } from '../ceremony/agent-refusal.ts'

/** GET and POST as they are. HEAD would fetch a ticket without showing a page; OPTIONS asks for what is never granted. */
export const checkMethod: RequestHandler = (request, _response, next) => {
  if (request.method !== 'GET' && request.method !== 'POST')
    throw new AgentRefusal('METHOD_NOT_ALLOWED', request.method)
  next()
}
