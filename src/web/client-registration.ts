import express, { Router, type ErrorRequestHandler } from 'express'
import type { DynamicRegistration } from '../relying-party/dynamic/create-dynamic-registration.ts'
import type { LimitRate } from './limit-rate.ts'

export interface ClientRegistrationDependencies {
  readonly registration: DynamicRegistration
  readonly limitRate: LimitRate
}

const MAX_BYTES = '32kb'

/** The registration endpoint, RFC 7591 §3: JSON in and out, for programs. */
export function createClientRegistration({ registration, limitRate }: ClientRegistrationDependencies): Router {
  const router = Router({ strict: true, caseSensitive: true })
  router.post(
    '/',
    limitRate,
    express.json({ limit: MAX_BYTES, type: 'application/json', inflate: false }),
    async (req, res) => {
      const [, bearer] = /^Bearer ([\w.~+/-]+=*)$/i.exec(req.headers.authorization ?? '') ?? []
      const { status, body } = await registration.register(bearer, req.body as unknown)
      // RFC 6750 §3: without a token there is nothing to explain
      if (status === 401) res.set('WWW-Authenticate', bearer === undefined ? 'Bearer' : 'Bearer error="invalid_token"')
      res.status(status).set({ 'Cache-Control': 'no-store', Pragma: 'no-cache' }).json(body)
    },
  )

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
