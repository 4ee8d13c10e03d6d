import { createHash } from 'node:crypto'
import express, { Router, type Request, type RequestHandler, type Response } from 'express'
import type { z } from 'zod'
import type { IdempotencyStore } from '../../../administration/idempotency.ts'
import { Refusal } from '../../../error-registry/refusal.ts'
import type { ProblemDependencies } from '../../answer-problems.ts'
import type { AdminJournal } from '../admin-journal.ts'
import { actorOfCaller, type Caller } from '../caller.ts'
import type { ApiAccess } from './authenticate-caller.ts'
import type { ApiAnswer, ApiRoute } from './define-api-route.ts'
import { describeApi } from './describe-api.ts'
import { answerAdminProblems, RequestRefused } from './problem.ts'

/** Where it is, on the listener of the console. */
export const ADMIN_API_PATH = '/admin/api/v1'

export interface AdminApiDependencies extends ProblemDependencies {
  readonly issuer: string
  /** `aud` of its tokens (RFC 8707). */
  readonly resource: string
  readonly access: ApiAccess
  readonly now: () => Date
  readonly routes: readonly ApiRoute[]
  readonly idempotency: Pick<IdempotencyStore, 'begin' | 'finish' | 'forget'>
  readonly journal: AdminJournal
  readonly limitRate: RequestHandler
}

const MAX_BODY = '256kb'
/** Draft “Idempotency-Key HTTP Header Field”: a string; a UUID is what most send. */
const IDEMPOTENCY_KEY = /^"?([\x21\x23-\x5b\x5d-\x7e]{8,200})"?$/
const ENTITY_TAG = /^"([\x21\x23-\x7e]{1,200})"$/

/** The admin API, made of the list and of nothing else. */
export function createAdminApi(deps: AdminApiDependencies): RequestHandler {
  const { routes, access, journal, idempotency, limitRate, now } = deps
  const router = Router({ strict: true, caseSensitive: true })
  const readJson = express.json({ limit: MAX_BODY, type: ['application/json', 'application/*+json'], inflate: false })
  const document = JSON.stringify(describeApi(deps), null, 2)

  router.get('/openapi.json', limitRate, (_req, res) => {
    res.type('application/json').send(document)
  })

  for (const route of routes) {
    const { method, path, act } = route
    const name = `${method.toUpperCase()} ${ADMIN_API_PATH}${path}`

    const authorize = async (req: Request): Promise<Caller> => {
      const caller = await access.decide(await access.tokenOf(req), route)
      if (method !== 'get') {
        const who =
          caller.kind === 'administrator' ? { role: caller.role, credentialId: caller.credentialId } : ({} as const)
        const { clientId } = caller
        const tapped = route.stepUp && caller.kind === 'administrator'
        await journal.append(
          { type: 'admin.act_begun', act, route: name, clientId, tapped, ...who },
          actorOfCaller(caller),
        )
      }
      return caller
    }

    const perform = async (req: Request, caller: Caller): Promise<Performed> => {
      const answer = await route.handle({
        caller,
        actor: actorOfCaller(caller),
        params: parse(route.params, req.params, 'path'),
        query: parse(route.query, req.query, 'query'),
        body: route.body === undefined ? undefined : parse(route.body, req.body, 'body'),
        version: versionWanted(req, route),
      })
      return performed(route, answer)
    }

    router[method](
      path,
      limitRate,
      async (req, res, next) => {
        res.locals['route'] = route
        res.locals['caller'] = await authorize(req)
        next()
      },
      // of nobody unknown a body is read
      readJson,
      async (req, res) => {
        const caller = res.locals['caller'] as Caller
        const key = method === 'post' ? keyOf(req) : undefined
        const work = () => perform(req, caller)
        const answer =
          key === undefined
            ? await work()
            : await once(
                { idempotency, now },
                { caller: `${caller.clientId} ${actorOfCaller(caller)}`, key, req },
                work,
              )
        send(req, res, answer)
      },
    )
  }

  router.use(() => {
    throw new Refusal('SERVER_PAGE_NOT_FOUND')
  })
  router.use(answerAdminProblems(deps))
  return router
}

/** What is answered, and given again to the same key. */
interface Performed {
  readonly status: number
  readonly body?: unknown
  readonly version?: string
  readonly location?: string
}

function performed(route: ApiRoute, { body, version, location }: ApiAnswer): Performed {
  return {
    status: route.status,
    // nothing leaves that is not described; what does not fit is a fault of ours
    ...(route.response === undefined ? {} : { body: route.response.parse(body) }),
    ...(version === undefined ? {} : { version: String(version) }),
    ...(location === undefined ? {} : { location: `${ADMIN_API_PATH}${location}` }),
  }
}

function send(req: Request, res: Response, { status, body, version, location }: Performed): void {
  if (location !== undefined) res.set('Location', location)
  if (version !== undefined) {
    res.set('ETag', `"${version}"`)
    if (req.method === 'GET' && req.get('If-None-Match') === `"${version}"`) {
      res.status(304).end()
      return
    }
  }
  res.status(status)
  if (body === undefined) res.end()
  else res.type('application/json').send(JSON.stringify(body))
}

function parse<Schema extends z.ZodType>(schema: Schema, value: unknown, where: 'path' | 'query' | 'body') {
  const { data, error } = schema.safeParse(value ?? {})
  if (error !== undefined) throw new RequestRefused(where, error)
  return data
}

/** RFC 6585 §3: whoever changes something says which state of it they have seen. */
function versionWanted(req: Request, { conditional }: ApiRoute): string | undefined {
  if (conditional !== true) return undefined
  const version = ENTITY_TAG.exec(req.get('If-Match') ?? '')?.[1]
  if (version === undefined) throw new Refusal('ADMIN_VERSION_MISSING')
  return version
}

function keyOf(req: Request): string | undefined {
  const header = req.get('Idempotency-Key')
  if (header === undefined) return undefined
  const key = IDEMPOTENCY_KEY.exec(header)?.[1]
  if (key === undefined) throw new Refusal('ADMIN_REQUEST_INVALID', 'Idempotency-Key')
  return key
}

async function once(
  { idempotency, now }: { readonly idempotency: AdminApiDependencies['idempotency']; readonly now: () => Date },
  { caller, key, req }: { readonly caller: string; readonly key: string; readonly req: Request },
  perform: () => Promise<Performed>,
): Promise<Performed> {
  const asked = JSON.stringify([req.method, req.originalUrl, req.get('If-Match') ?? null, req.body ?? null])
  const begun = await idempotency.begin(caller, key, createHash('sha256').update(asked).digest(), now())
  switch (begun.outcome) {
    case 'answered':
      return JSON.parse(begun.answer) as Performed
    case 'other-request':
      throw new Refusal('ADMIN_KEY_REUSED')
    case 'under-way':
      throw new Refusal('ADMIN_KEY_IN_USE')
    case 'first':
  }
  const answer = await perform().catch(async (fault: unknown) => {
    await idempotency.forget(caller, key)
    throw fault
  })
  // it is done: should this fail, the key stays taken
  await idempotency.finish(caller, key, JSON.stringify(answer))
  return answer
}
