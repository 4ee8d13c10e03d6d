import express, { type Express, type Request, type RequestHandler, type Response } from 'express'
import { createProofCheck } from './check-proof.ts'
import { createIntrospect, type ActiveToken, type IntrospectOptions } from './introspect.ts'
import { challengeFor, type RequiredAuthentication } from './require-authentication.ts'

export interface ApiOptions extends IntrospectOptions {
  /** Its own address, as it is registered: what tokens for it have as `aud`. */
  readonly resource: string
  readonly now?: () => Date
}

/** For a payment: a checked certificate, and a tap of the card within five minutes. */
const FOR_PAYMENTS: RequiredAuthentication = { acrValues: ['phrh'], maxAgeSeconds: 300 }

/** A small API: reading orders, and paying them. */
export function createApi(options: ApiOptions): Express {
  const { resource, now = () => new Date() } = options
  const introspect = createIntrospect(options)
  const isProven = createProofCheck(now)
  const app = express()
  app.disable('x-powered-by')

  /** RFC 6750 §3: no token → 401 without an error; a bad one → invalid_token; a narrow one → insufficient_scope. */
  const requireToken =
    (scope: string): RequestHandler =>
    async (req, res, next) => {
      const [scheme = '', token = ''] = (req.headers.authorization ?? '').split(' ')
      if (!/^(Bearer|DPoP)$/i.test(scheme) || token === '') {
        refuse(res, 401, 'Bearer')
        return
      }
      const active = await introspect(token)
      const keyThumbprint = active?.cnf?.jkt
      const isBound = keyThumbprint !== undefined
      // a bound token without its proof is a stolen one, whatever scheme it comes with
      const isGood =
        active !== undefined &&
        (scheme.toLowerCase() === 'dpop') === isBound &&
        (!isBound || (await isProven({ ...proofIn(req, resource), token, keyThumbprint })))
      if (!isGood) refuse(res, 401, `${scheme} error="invalid_token"`)
      else if (!(active.scope ?? '').split(' ').includes(scope)) {
        refuse(res, 403, `${scheme} error="insufficient_scope", scope="${scope}"`)
      } else {
        res.locals['token'] = active
        next()
      }
    }

  const requireAuthentication =
    (required: RequiredAuthentication): RequestHandler =>
    (_req, res, next) => {
      const challenge = challengeFor(tokenOf(res), required, now())
      if (challenge === undefined) next()
      else refuse(res, 401, challenge)
    }

  app.get('/orders', requireToken('orders:read'), (_req, res) => {
    const { sub, client_id: clientId } = tokenOf(res)
    res.json({ orders: [{ id: 1, customer: sub ?? clientId, item: 'tea' }] })
  })
  app.post('/orders/1/payment', requireToken('orders:pay'), requireAuthentication(FOR_PAYMENTS), (_req, res) => {
    res.status(201).json({ paid: true, by: tokenOf(res).sub })
  })
  return app
}

function tokenOf(res: Response): ActiveToken {
  return res.locals['token'] as ActiveToken
}

function proofIn(req: Request, resource: string) {
  return { proof: req.get('DPoP'), method: req.method, address: new URL(req.path, resource).href }
}

function refuse(res: Response, status: 401 | 403, challenge: string): void {
  res
    .status(status)
    .set('WWW-Authenticate', challenge)
    .json({ error: /error="(\w+)"/.exec(challenge)?.[1] ?? 'token_missing' })
}
