import express, { Router, type ErrorRequestHandler, type Request, type Response } from 'express'
import type { DynamicRegistration } from '../relying-party/dynamic/create-dynamic-registration.ts'
import type { RegistrationAnswer } from '../relying-party/dynamic/registration-answer.ts'
import type { LimitRate } from './limit-rate.ts'

export interface ClientRegistrationDependencies {
  readonly registration: DynamicRegistration
  readonly limitRate: LimitRate
}

const MAX_BYTES = '32kb'

/** The registration endpoint, RFC 7591 §3, and behind it each client's own, RFC 7592 §2: JSON in and out, for programs. */
export function createClientRegistration({ registration, limitRate }: ClientRegistrationDependencies): Router {
  const router = Router({ strict: true, caseSensitive: true })
  const readJson = express.json({ limit: MAX_BYTES, type: 'application/json', inflate: false })

  const answer = (req: Request, res: Response, { status, body }: RegistrationAnswer): void => {
    // RFC 6750 §3: without a token there is nothing to explain
    const challenge = bearerOf(req) === undefined ? 'Bearer' : 'Bearer error="invalid_token"'
    if (status === 401) res.set('WWW-Authenticate', challenge)
    res.status(status).set({ 'Cache-Control': 'no-store', Pragma: 'no-cache' })
    if (status === 204) res.end()
    else res.json(body)
  }

  router.post('/', limitRate, readJson, async (req, res) => {
    answer(req, res, await registration.register(bearerOf(req), req.body as unknown))
  })
  router.get('/:clientId', limitRate, async (req, res) => {
    answer(req, res, await registration.read(bearerOf(req), String(req.params['clientId'])))
  })
  router.put('/:clientId', limitRate, readJson, async (req, res) => {
    answer(req, res, await registration.replace(bearerOf(req), String(req.params['clientId']), req.body as unknown))
  })
  router.delete('/:clientId', limitRate, async (req, res) => {
    answer(req, res, await registration.remove(bearerOf(req), String(req.params['clientId'])))
  })

  const answerUnreadable: ErrorRequestHandler = (fault: unknown, _req, res, next) => {
    const status = fault instanceof Error && 'status' in fault ? fault.status : undefined
    if (status !== 400 && status !== 413 && status !== 415) {
      next(fault)
      return
    }
    res
      .status(status)
      .set('Cache-Control', 'no-store')
      .json({ error: 'invalid_client_metadata', error_description: 'the body must be a small JSON object' })
  }
  router.use(answerUnreadable)
  return router
}

function bearerOf({ headers }: Request): string | undefined {
  return /^Bearer ([\w.~+/-]+=*)$/i.exec(headers.authorization ?? '')?.[1]
}
