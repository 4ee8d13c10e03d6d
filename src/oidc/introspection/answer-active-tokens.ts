import type { IncomingMessage } from 'node:http'
import type { ServedClient } from '../../relying-party/client-registry.ts'
import { matchesClientSecret } from '../../relying-party/client-secret.ts'
import { sectorOfClient } from '../../relying-party/sector.ts'
import { answerBesideLibrary, createJsonAnswer, type Answer } from '../beside-library.ts'
import { describeActiveToken, type ActiveTokenDependencies } from './active-token.ts'
import { createSessionHints } from './session-hints.ts'
import { isPlainHead, readPlainRequest } from './read-plain-request.ts'

/**
 * The question that a resource server asks at every request of its own, answered without oidc-provider where the answer is "active" beyond
 * doubt (docs/adr/0019). Everything else is put to the library as if nobody had looked: another way to authenticate, an odd request, a
 * refusal, any token that is not active. So this can only ever repeat a yes; test/conformance/introspection-parity.test.ts holds it to that.
 */
export function answerActiveTokens(
  deps: Omit<ActiveTokenDependencies, 'sessionHints' | 'sectorOf'>,
  library: Answer,
): Answer {
  const send = createJsonAnswer(deps.issuer, 'WWW-Authenticate')
  const active = { ...deps, sessionHints: createSessionHints(), sectorOf: createSectorMemory() }

  const describe = async (req: IncomingMessage, body: Buffer): Promise<object | undefined> => {
    const asked = readPlainRequest(req, body)
    const reader = asked && (await deps.clients.find(asked.clientId))
    if (reader?.tokenEndpointAuthMethod !== 'client_secret_basic') return undefined
    if (asked === undefined || !matchesClientSecret(asked.secret, reader.secrets, deps.now())) return undefined
    return describeActiveToken(active, reader, asked.token)
  }

  return answerBesideLibrary(
    (req) => isPlainHead(req, '/token/introspection'),
    async (req, body, res) => {
      // a fault is the library's to meet again, and to tell
      const told = await describe(req, body).catch(() => undefined)
      if (told === undefined) return false
      send(res, 200, told)
      return true
    },
    library,
  )
}

/** The registry hands out the same object as long as a client does not change. */
function createSectorMemory(): (client: ServedClient) => string {
  const sectors = new WeakMap<ServedClient, string>()
  return (client) => {
    const known = sectors.get(client)
    if (known !== undefined) return known
    const sector = sectorOfClient(client)
    sectors.set(client, sector)
    return sector
  }
}
