import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ServedClient } from '../../relying-party/client-registry.ts'
import { matchesClientSecret } from '../../relying-party/client-secret.ts'
import { sectorOfClient } from '../../relying-party/sector.ts'
import { describeActiveToken, type ActiveTokenDependencies } from './active-token.ts'
import { createSessionHints } from './session-hints.ts'
import { isPlainHead, readPlainRequest } from './read-plain-request.ts'
import { readWhole, replayRequest } from './replay-request.ts'

type Answer = (req: IncomingMessage, res: ServerResponse) => unknown

/**
 * The question that a resource server asks at every request of its own, answered without oidc-provider where the answer is "active" beyond
 * doubt (docs/adr/0019). Everything else is put to the library as if nobody had looked: another way to authenticate, an odd request, a
 * refusal, any token that is not active. So this can only ever repeat a yes; test/conformance/introspection-parity.test.ts holds it to that.
 */
export function answerActiveTokens(
  deps: Omit<ActiveTokenDependencies, 'sessionHints' | 'sectorOf'>,
  library: Answer,
): Answer {
  const headers = {
    'Cache-Control': 'no-store',
    Vary: 'Origin',
    'Access-Control-Allow-Origin': '*',
    'Access-Control-Expose-Headers': 'WWW-Authenticate',
    'X-Content-Type-Options': 'nosniff',
    'Content-Type': 'application/json; charset=utf-8',
    ...(deps.issuer.startsWith('https:') ? { 'Strict-Transport-Security': 'max-age=63072000' } : {}),
  }

  const active = { ...deps, sessionHints: createSessionHints(), sectorOf: createSectorMemory() }

  const describe = async (req: IncomingMessage, body: Buffer): Promise<object | undefined> => {
    const asked = readPlainRequest(req, body)
    const reader = asked && (await deps.clients.find(asked.clientId))
    if (reader?.tokenEndpointAuthMethod !== 'client_secret_basic') return undefined
    if (asked === undefined || !matchesClientSecret(asked.secret, reader.secrets, deps.now())) return undefined
    return describeActiveToken(active, reader, asked.token)
  }

  const answer = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    const body = await readWhole(req)
    // a fault is the library's to meet again, and to tell
    const told = await describe(req, body).catch(() => undefined)
    if (told === undefined) {
      await library(replayRequest(req, body), res)
      return
    }
    const text = JSON.stringify(told)
    const octets = Buffer.byteLength(text)
    res.writeHead(200, { ...headers, 'Content-Length': octets })
    // a text leaves in one piece with its head, and one octet a character is the shorter way
    res.end(text, octets === text.length ? 'latin1' : 'utf8')
  }

  return (req, res) => {
    if (!isPlainHead(req, '/token/introspection')) return library(req, res)
    // the client went away before its request was whole
    return answer(req, res).catch(() => res.destroy())
  }
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
