import express, { Router, type ErrorRequestHandler, type RequestHandler } from 'express'
import { MAX_RESPONSE_BYTES, type CompletionMessage } from '@sekisho/protocol'
import { Refusal } from '../error-registry/refusal.ts'
import type { ErrorCode } from '../error-registry/registry.ts'
import type { SignIn } from '../sign-in/sign-in.ts'
import { tellWhenToRetry, type LimitRate } from './limit-rate.ts'

export interface AgentApiDependencies {
  readonly signIn: Pick<SignIn, 'claimTicket' | 'answerTicket'>
  readonly issuer: string
  readonly limitRate: LimitRate
  readonly toRefusal: (fault: unknown) => Refusal
}

/** Every refusal of this API has the same length, so that only the code differs. */
const ERROR_BYTES = 64

/**
 * What an agent calls (protocol.md): unauthenticated but for the ticket id, JSON in and out, never for browsers.
 */
export function createAgentApi({ signIn, issuer, limitRate, toRefusal }: AgentApiDependencies): Router {
  const router = Router({ strict: true, caseSensitive: true })
  router.use(limitRate, refuseBrowsers)

  router.get('/tickets/:id', async (req, res) => {
    // HEAD would claim the ticket and throw it away
    if (req.method !== 'GET') throw new Refusal('SERVER_METHOD_NOT_ALLOWED')
    res.json(await signIn.claimTicket(req.params.id))
  })

  router.post(
    '/tickets/:id/response',
    requireJson,
    express.raw({ type: () => true, limit: MAX_RESPONSE_BYTES, inflate: false }),
    async (req, res) => {
      const { interactionId, completionCode } = await signIn.answerTicket(String(req.params['id']), parseJson(req.body))
      const completion = new URL(`/interaction/${encodeURIComponent(interactionId)}/complete`, issuer)
      completion.searchParams.set('code', completionCode)
      res.json({ completion_uri: completion.href } satisfies CompletionMessage)
    },
  )

  router.all(['/tickets/:id', '/tickets/:id/response'], () => {
    throw new Refusal('SERVER_METHOD_NOT_ALLOWED')
  })
  router.use(() => {
    throw new Refusal('SERVER_PAGE_NOT_FOUND')
  })

  const answerRefusal: ErrorRequestHandler = (fault: unknown, _req, res, next) => {
    if (res.headersSent) {
      next(fault)
      return
    }
    const refusal = toRefusal(bodyRefusal(fault) ?? fault)
    tellWhenToRetry(res, refusal)
    res
      .status(refusal.entry.status)
      .type('json')
      .send(JSON.stringify({ error: refusal.code }).padEnd(ERROR_BYTES))
  }
  router.use(answerRefusal)
  return router
}

/** A browser says so in every request (Fetch Metadata); the agent never does. */
const refuseBrowsers: RequestHandler = (req, res, next) => {
  res.set('Cache-Control', 'no-store')
  if (req.headers.origin !== undefined || req.headers['sec-fetch-site'] !== undefined) {
    throw new Refusal('SIGNIN_FORM_FORGED', 'the agent API was called by a browser')
  }
  next()
}

const requireJson: RequestHandler = (req, _res, next) => {
  if (!/^application\/json\s*(;\s*charset=utf-8\s*)?$/i.test(req.headers['content-type'] ?? '')) {
    throw new Refusal('SIGNIN_RESPONSE_NOT_JSON')
  }
  next()
}

/** undefined for what is not JSON: it goes on to the ceremony as it is, which takes the nonce and then refuses it. */
function parseJson(body: unknown): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body as Uint8Array))
  } catch {
    return undefined
  }
}

function bodyRefusal(fault: unknown): Refusal | undefined {
  const codes: Readonly<Record<string, ErrorCode>> = {
    'entity.too.large': 'SIGNIN_RESPONSE_TOO_LARGE',
    'encoding.unsupported': 'SIGNIN_RESPONSE_NOT_JSON',
    'request.aborted': 'SIGNIN_RESPONSE_MALFORMED',
    'request.size.invalid': 'SIGNIN_RESPONSE_MALFORMED',
  }
  const type = fault instanceof Error && 'type' in fault ? fault.type : undefined
  const code = typeof type === 'string' ? codes[type] : undefined
  return code === undefined ? undefined : new Refusal(code)
}
