import type { IncomingMessage } from 'node:http'
import { MAX_RESPONSE_BYTES, type CompletionMessage } from '@sekisho/protocol'
import { Refusal } from '../error-registry/refusal.ts'
import type { SignIn } from '../sign-in/sign-in.ts'
import { openExchange, type Exchange, type Target } from './direct/exchange.ts'
import type { DirectAnswer } from './direct/answer-directly.ts'
import { readBody } from './direct/read-body.ts'
import { sendJson } from './direct/send.ts'
import { addressOf, tellWhenToRetry, type CountRequest } from './limit-rate.ts'

export interface AgentApiDependencies {
  readonly signIn: Pick<SignIn, 'claimTicket' | 'answerTicket'>
  readonly issuer: string
  readonly countRequest: CountRequest
  readonly toRefusal: (fault: unknown) => Refusal
}

/** Every refusal of this API has the same length, so that only the code differs. */
const ERROR_BYTES = 64

/** Below `/agent`: a ticket, and the response to it. */
const TICKET_PATH = /^\/agent\/tickets\/([^/]+)(\/response)?$/

/**
 * What an agent calls (protocol.md): unauthenticated but for the ticket id, JSON in and out, never for browsers. Two of the requests of
 * every log-in come here.
 */
export function createAgentApi({ signIn, issuer, countRequest, toRefusal }: AgentApiDependencies): DirectAnswer {
  const claim = async ({ req, res, id }: Exchange): Promise<void> => {
    // HEAD would claim the ticket and throw it away
    if (req.method !== 'GET') throw new Refusal('SERVER_METHOD_NOT_ALLOWED')
    sendJson(res, JSON.stringify(await signIn.claimTicket(id)))
  }

  const answer = async ({ req, res, id }: Exchange): Promise<void> => {
    if (req.method !== 'POST') throw new Refusal('SERVER_METHOD_NOT_ALLOWED')
    requireJson(req)
    const body = await readBody(req, MAX_RESPONSE_BYTES)
    if (body === 'too-large') throw new Refusal('SIGNIN_RESPONSE_TOO_LARGE')
    if (body === 'cut-off') throw new Refusal('SIGNIN_RESPONSE_MALFORMED')
    const { interactionId, completionCode } = await signIn.answerTicket(id, parseJson(body))
    const page = `${issuer}/interaction/${encodeURIComponent(interactionId)}/complete`
    const completion = { completion_uri: `${page}?code=${encodeURIComponent(completionCode)}` }
    sendJson(res, JSON.stringify(completion satisfies CompletionMessage))
  }

  const handle = async (req: IncomingMessage, res: Exchange['res'], target: Target): Promise<void> => {
    await countRequest(addressOf(req), target.path.split('/')[3])
    res.setHeader('Cache-Control', 'no-store')
    refuseBrowsers(req)
    const [found, id = '', response] = TICKET_PATH.exec(target.path) ?? []
    if (found === undefined) throw new Refusal('SERVER_PAGE_NOT_FOUND')
    const exchange = openExchange(req, res, target, id)
    await (response === undefined ? claim(exchange) : answer(exchange))
  }

  return (req, res, target) =>
    handle(req, res, target).catch((fault: unknown) => {
      if (res.headersSent) throw fault
      const refusal = toRefusal(fault)
      tellWhenToRetry(res, refusal)
      res.statusCode = refusal.entry.status
      sendJson(res, JSON.stringify({ error: refusal.code }).padEnd(ERROR_BYTES))
    })
}

/** A browser says so in every request (Fetch Metadata); the agent never does. */
function refuseBrowsers({ headers }: IncomingMessage): void {
  if (headers.origin !== undefined || headers['sec-fetch-site'] !== undefined) {
    throw new Refusal('SIGNIN_FORM_FORGED', 'the agent API was called by a browser')
  }
}

function requireJson({ headers }: IncomingMessage): void {
  const { 'content-type': type = '', 'content-encoding': encoding = '' } = headers
  if (!/^application\/json\s*(;\s*charset=utf-8\s*)?$/i.test(type) || !/^(?:identity)?$/i.test(encoding)) {
    throw new Refusal('SIGNIN_RESPONSE_NOT_JSON')
  }
}

/** undefined for what is not JSON: it goes on to the ceremony as it is, which takes the nonce and then refuses it. */
function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(UTF8.decode(body))
  } catch {
    return undefined
  }
}

const UTF8 = new TextDecoder('utf-8', { fatal: true })
