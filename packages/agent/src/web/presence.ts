import { Router } from 'express'
import { AgentRefusal } from '../ceremony/agent-refusal.ts'
import type { TrustList } from '../trust-list/trust-list.ts'

/**
 * Whether the agent is there, for the page of a provider that the person trusts, after a click (docs/adr/0020). The answer is
 * empty, and a browser lets nobody else see it: every other origin gets the refusal that any request of a stranger gets, which a
 * script cannot tell from a port where nobody listens. Nothing is read but `Origin`, and nothing changes.
 */
export function presence({ trustList }: { trustList: TrustList }): Router {
  const router = Router()
  router.get('/presence', async (request, response) => {
    const [origin, ...more] = request.headersDistinct.origin ?? []
    const trusted = more.length === 0 && (await trustList.list()).some((provider) => provider.origin === origin)
    if (origin === undefined || !trusted) throw new AgentRefusal('REQUEST_FOREIGN', 'presence')
    response.set('Access-Control-Allow-Origin', origin).vary('Origin').status(204).end()
  })
  return router
}
