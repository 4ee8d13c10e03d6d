import express, { Router, type Request, type Response } from 'express'
import { Refusal } from '../error-registry/refusal.ts'
import type { ApiTokens } from '../oidc/api-tokens.ts'
import { MAX_PAGE, type ExternalAccounts } from '../relying-party/link/create-external-accounts.ts'
import type { LinkTickets } from '../relying-party/link/create-link-tickets.ts'
import { FieldsRefused } from '../relying-party/link/link-request.ts'
import { stateAt, type LinkTicket } from '../relying-party/link/link-ticket.ts'
import { OWN_API_PATH } from '../relying-party/own-api.ts'
import type { RateLimits } from '../sign-in/rate-limits.ts'
import type { ProblemDependencies } from './answer-problems.ts'
import { drawQrCode } from './draw-qr-code.ts'
import type { LimitRate } from './limit-rate.ts'
import { answerLinkProblems } from './link-problems.ts'

export interface LinkApiDependencies extends ProblemDependencies {
  readonly tickets: Pick<LinkTickets, 'make' | 'show' | 'cancel'>
  readonly accounts: Pick<ExternalAccounts, 'list' | 'remove'>
  readonly tokens: ApiTokens
  readonly rateLimits: Pick<RateLimits, 'count'>
  readonly limitRate: LimitRate
  readonly now: () => Date
}

const SCOPE = 'link'
const MAX_BYTES = '8kb'
const SVG = 'image/svg+xml'
/** Visible ASCII, as in a structured field (draft-ietf-httpapi-idempotency-key-header). */
const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,255}$/
const PAGE = /^[1-9]\d{0,2}$/

/**
 * What a site's back office does with links of its own users: tickets made, looked at and called off; links listed and ended. Every request
 * shows a token of the client itself, and sees what is the client's and nothing else.
 */
export function createLinkApi(deps: LinkApiDependencies): Router {
  const { tickets, accounts, tokens, rateLimits, now } = deps
  const router = Router({ strict: true, caseSensitive: true })
  const readJson = express.json({ limit: MAX_BYTES, type: 'application/json', inflate: false })

  router.use(deps.limitRate, (_req, res, next) => {
    res.set({ 'Cache-Control': 'no-store', Vary: 'Authorization, Accept' })
    next()
  })

  const clientOf = (req: Request): Promise<string> =>
    tokens.clientOf(
      {
        authorization: req.headers.authorization,
        proof: req.get('DPoP'),
        method: req.method,
        path: req.originalUrl.split('?')[0] ?? '',
      },
      SCOPE,
    )

  const show = (ticket: LinkTicket) => ({
    id: ticket.id,
    external_id: ticket.externalId,
    label: ticket.label,
    return_url: ticket.returnUrl,
    state: stateAt(ticket, now()),
    code: ticket.code,
    created_at: ticket.createdAt,
    expires_at: ticket.expiresAt,
    ended_at: ticket.endedAt,
  })

  /** The token first: whoever has none has no body read for them. */
  const authenticated =
    (work: (req: Request, res: Response, clientId: string) => Promise<void>) => async (req: Request, res: Response) =>
      work(req, res, await clientOf(req))

  router.post('/link-tickets', async (req, res, next) => {
    const clientId = await clientOf(req)
    await rateLimits.count('client', `link ${clientId}`)
    Object.assign(res.locals, { clientId })
    next()
  })
  router.post('/link-tickets', readJson, async (req, res) => {
    const idempotencyKey = req.get('Idempotency-Key')
    if (idempotencyKey !== undefined && !IDEMPOTENCY_KEY.test(idempotencyKey))
      throw new FieldsRefused([{ field: 'Idempotency-Key', message: 'must be 1 to 255 visible ASCII characters' }])
    if (req.body === undefined) throw new Refusal('CLIENT_BODY_NOT_JSON')
    const { ticket, url, isRepeated } = await tickets.make(String(res.locals['clientId']), req.body, {
      actor: 'client',
      idempotencyKey,
    })
    res.status(isRepeated ? 200 : 201).location(`${OWN_API_PATH}/link-tickets/${ticket.id}`)
    if (req.accepts('json', SVG) === SVG) {
      res.type(SVG).send(await drawQrCode(url, 4))
    } else {
      res.json({ ...show(ticket), url })
    }
  })

  router.get(
    '/link-tickets/:id',
    authenticated(async (req, res, clientId) => {
      res.json(show(await tickets.show(clientId, String(req.params['id']))))
    }),
  )

  router.delete(
    '/link-tickets/:id',
    authenticated(async (req, res, clientId) => {
      await tickets.cancel(clientId, String(req.params['id']), 'client')
      res.status(204).end()
    }),
  )

  router.get(
    '/external-accounts',
    authenticated(async (req, res, clientId) => {
      const { cursor, limit } = req.query
      const { links, nextCursor } = await accounts.list(clientId, {
        cursor: textOf(cursor, 'cursor'),
        limit: limitOf(textOf(limit, 'limit')),
      })
      res.json({
        external_accounts: links.map(({ externalId, linkedAt }) => ({ external_id: externalId, linked_at: linkedAt })),
        next_cursor: nextCursor,
      })
    }),
  )

  router.delete(
    '/external-accounts/:externalId',
    authenticated(async (req, res, clientId) => {
      await accounts.remove(clientId, String(req.params['externalId']), 'client')
      res.status(204).end()
    }),
  )

  router.all(['/link-tickets', '/link-tickets/:id', '/external-accounts', '/external-accounts/:externalId'], () => {
    throw new Refusal('SERVER_METHOD_NOT_ALLOWED')
  })
  router.use(() => {
    throw new Refusal('SERVER_PAGE_NOT_FOUND')
  })
  router.use(answerLinkProblems(deps, SCOPE))
  return router
}

function textOf(value: unknown, field: string): string | undefined {
  if (value === undefined || typeof value === 'string') return value
  throw new FieldsRefused([{ field, message: 'must be given once' }])
}

function limitOf(text: string | undefined): number {
  const limit = text === undefined ? MAX_PAGE : PAGE.test(text) ? Number(text) : Number.NaN
  if (!(limit <= MAX_PAGE))
    throw new FieldsRefused([{ field: 'limit', message: `must be a number from 1 to ${MAX_PAGE}` }])
  return limit
}
