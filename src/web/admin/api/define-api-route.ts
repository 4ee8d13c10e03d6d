import { z } from 'zod'
import { permissionOf, scopeOf, type Act } from '../../../administration/permissions.ts'
import type { AuditActor } from '../../../audit/audit-event.ts'
import type { Caller } from '../caller.ts'

/** What a route knows when it is called. Whoever gets here has a token with the scope, and a role that may do the act. */
export interface ApiRequest<Params = unknown, Query = unknown, Body = unknown> {
  readonly caller: Caller
  /** `admin:<account id>` or `service:<client id>`, for the log and for whatever is done. */
  readonly actor: AuditActor
  readonly params: Params
  readonly query: Query
  readonly body: Body
  /** What stood in `If-Match`, without quotes: there where the route is `conditional`. */
  readonly version: string | undefined
}

export interface ApiAnswer<Result = unknown> {
  readonly body?: Result
  /** Becomes the `ETag`; of a GET also answers `If-None-Match` by 304. */
  readonly version?: string | number
  /** Of what was made: `Location`, below `/admin/api/v1`. */
  readonly location?: `/${string}`
}

interface Route {
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete'
  /** Below `/admin/api/v1`, as express reads it. */
  readonly path: string
  readonly act: Act
  /** One line of English for the reference. */
  readonly summary: string
  readonly tag: string
  /** Of success; 200 unless told. 204 has no body. */
  readonly status?: 200 | 201 | 202 | 204
  /** Changes one thing that has a version: without `If-Match` it is refused (428). Throw ADMIN_CHANGED_MEANWHILE for another one (412). */
  readonly conditional?: true
}

interface Definition<
  Params extends z.ZodObject,
  Query extends z.ZodObject,
  Body extends z.ZodType,
  Result extends z.ZodType,
> extends Route {
  readonly params?: Params
  readonly query?: Query
  readonly body?: Body
  /** Checked before it is sent: nothing leaves that is not described. Left out: no body. */
  readonly response?: Result
  /** @throws Refusal: becomes application/problem+json */
  handle(
    request: ApiRequest<z.output<Params>, z.output<Query>, z.output<Body>>,
  ): Promise<ApiAnswer<z.input<Result>>> | ApiAnswer<z.input<Result>>
}

/** One route of the admin API, as the router, the OpenAPI document and the authorisation matrix read it. */
export interface ApiRoute extends Route {
  readonly scope: string
  readonly stepUp: boolean
  readonly status: 200 | 201 | 202 | 204
  readonly params: z.ZodObject
  readonly query: z.ZodObject
  readonly body: z.ZodType | undefined
  readonly response: z.ZodType | undefined
  readonly handle: (request: ApiRequest) => Promise<ApiAnswer> | ApiAnswer
}

const NOTHING = z.strictObject({})
type Nothing = typeof NOTHING

/** @throws Error when the definition contradicts itself: a fault of ours, found at start */
export function defineApiRoute<
  Params extends z.ZodObject = Nothing,
  Query extends z.ZodObject = Nothing,
  Body extends z.ZodType = z.ZodUndefined,
  Result extends z.ZodType = z.ZodUndefined,
>(definition: Definition<Params, Query, Body, Result>): ApiRoute {
  const { method, path, act, response, status = response === undefined ? 204 : 200 } = definition
  if ((status === 204) !== (response === undefined)) throw new Error(`${method} ${path}: 204 is what has no body`)
  if (permissionOf(act).stepUp && method === 'get') throw new Error(`GET ${path}: ${act} changes something`)
  return {
    ...definition,
    status,
    scope: scopeOf(act),
    stepUp: permissionOf(act).stepUp,
    params: definition.params ?? NOTHING,
    query: definition.query ?? NOTHING,
    body: definition.body,
    response,
    handle: definition.handle.bind(definition) as unknown as ApiRoute['handle'],
  }
}
