import type { IncomingMessage, ServerResponse } from 'node:http'
import { matchesClientSecret } from '../../relying-party/client-secret.ts'
import { describeActiveToken, type ActiveTokenDependencies } from './active-token.ts'
import { isPlainHead, readPlainRequest } from './read-plain-request.ts'
import { readWhole, replayRequest } from './replay-request.ts'

type Answer = (req: IncomingMessage, res: ServerResponse) => unknown

/**
 * The question that a resource server asks at every request of its own, answered without oidc-provider where the answer is "active" beyond
 * doubt (docs/adr/0019). Everything else is put to the library as if nobody had looked: another way to authenticate, an odd request, a
 * refusal, any token that is not active. So this can only ever repeat a yes; test/conformance/introspection-parity.test.ts holds it to that.
 */
export function answerActiveTokens(deps: ActiveTokenDependencies, library: Answer): Answer {
  const headers = {
    'Cache-Control': 'no-store',
    Vary: 'Origin',
    'Access-Control-Allow-Origin': '*',
    'Access-Control-Expose-Headers': 'WWW-Authenticate',
    'X-Content-Type-Options': 'nosniff',
    'Content-Type': 'application/json; charset=utf-8',
    ...(deps.issuer.startsWith('https:') ? { 'Strict-Transport-Security': 'max-age=63072000' } : {}),
  }

  const describe = async (req: IncomingMessage, body: Buffer): Promise<object | undefined> => {
    const asked = readPlainRequest(req, body)
    const reader = asked && (await deps.clients.find(asked.clientId))
    if (reader?.tokenEndpointAuthMethod !== 'client_secret_basic') return undefined
    if (asked === undefined || !matchesClientSecret(asked.secret, reader.secrets, deps.now())) return undefined
    return describeActiveToken(deps, reader, asked.token)
  }

  const answer = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    const body = await readWhole(req)
    // a fault is the library's to meet again, and to tell
    const told = await describe(req, body).catch(() => undefined)
    if (told === undefined) {
      await library(replayRequest(req, body), res)
      return
    }
    const text = Buffer.from(JSON.stringify(told))
    res.writeHead(200, { ...headers, 'Content-Length': text.length })
    res.end(text)
  }

  return (req, res) => {
    if (!isPlainHead(req, '/token/introspection')) return library(req, res)
    // the client went away before its request was whole
    return answer(req, res).catch(() => res.destroy())
  }
}
