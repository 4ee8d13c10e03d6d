import type { RequestHandler } from 'express'
import { AgentRefusal } from '../ceremony/agent-refusal.ts'

/**
 * The loopback addresses themselves, with our port: a name that someone lets point here (DNS rebinding) is none of them, and
 * neither is `localhost`, which no provider's page uses.
 */
export function checkHost(port: () => number): RequestHandler {
  return (request, _response, next) => {
    const hosts = request.headersDistinct.host ?? []
    const [host] = hosts
    const allowed = [`127.0.0.1:${String(port())}`, `[::1]:${String(port())}`]
    if (hosts.length !== 1 || host === undefined || !allowed.includes(host))
      throw new AgentRefusal('REQUEST_FOREIGN', 'host')
    next()
  }
}
