import { z } from 'zod'
import { permissionOf } from '../../../administration/permissions.ts'
import type { ApiRoute } from './define-api-route.ts'

type Json = Readonly<Record<string, unknown>>

const PROBLEM: Json = {
  description: 'A problem document (RFC 9457); `code` is a code of the registry of errors.',
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
}

/** What every route may answer besides. */
const ALWAYS = [400, 401, 403, 404, 409, 422, 429, 500, 503]

/** The OpenAPI 3.1 document, of the same schemas that requests are read by and answers are checked against. */
export function describeApi({
  issuer,
  resource,
  routes,
}: {
  readonly issuer: string
  readonly resource: string
  readonly routes: readonly ApiRoute[]
}): Json {
  const paths: Record<string, Record<string, Json>> = {}
  for (const route of routes) {
    const path = route.path.replaceAll(/:(\w+)/g, '{$1}')
    paths[path] = { ...paths[path], [route.method]: describeRoute(route) }
  }
  const scopes = Object.fromEntries(routes.map(({ scope, summary }) => [scope, summary]))
  const flow = { tokenUrl: `${issuer}/token`, scopes }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Sekisho administration',
      version: '1',
      description:
        'Tokens are asked for with `resource` set to the address of this API (RFC 8707), by clients that an owner has added. ' +
        'Cookies mean nothing here. POSTs heed `Idempotency-Key` for a day.',
    },
    servers: [{ url: resource }],
    tags: [...new Set(routes.map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: {
      schemas: { Problem: PROBLEM_SCHEMA },
      securitySchemes: {
        oauth: {
          type: 'oauth2',
          flows: {
            clientCredentials: flow,
            authorizationCode: { ...flow, authorizationUrl: `${issuer}/auth` },
          },
        },
      },
    },
  }
}

function describeRoute(route: ApiRoute): Json {
  const { act, tag, summary, scope, status, conditional, method } = route
  const { stepUp, services } = permissionOf(act)
  const notes = [
    services ? '' : 'Not for a program by itself.',
    stepUp ? 'An administrator needs a token of a card that was used within five minutes (RFC 9470).' : '',
  ].filter((note) => note !== '')
  const statuses = conditional === true ? [...ALWAYS, 412, 428] : ALWAYS
  return {
    operationId: operationIdOf(route),
    tags: [tag],
    summary,
    ...(notes.length === 0 ? {} : { description: notes.join(' ') }),
    security: [{ oauth: [scope] }],
    parameters: [
      ...parametersOf(route.params, 'path'),
      ...parametersOf(route.query, 'query'),
      ...(conditional === true ? [header('If-Match', true)] : []),
      ...(method === 'post' ? [header('Idempotency-Key', false)] : []),
    ],
    ...(route.body === undefined
      ? {}
      : {
          requestBody: { required: true, content: { 'application/json': { schema: schemaOf(route.body, 'input') } } },
        }),
    responses: {
      [status]: {
        description: 'Done.',
        ...(route.response === undefined
          ? {}
          : { content: { 'application/json': { schema: schemaOf(route.response, 'output') } } }),
      },
      ...Object.fromEntries(statuses.map((one) => [one, PROBLEM])),
    },
  }
}

/** `get /accounts/:accountId` → `getAccountsByAccountId` */
export function operationIdOf({ method, path }: Pick<ApiRoute, 'method' | 'path'>): string {
  const words = path.split(/[/-]/).filter((word) => word !== '')
  return [
    method,
    ...words
      .map((word) => capital(word.replace(/^:/, 'by:')))
      .map((word) => word.replace(/^By:(.)/, (_, first: string) => `By${first.toUpperCase()}`)),
  ].join('')
}

function capital(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1)
}

function parametersOf(schema: z.ZodObject, place: 'path' | 'query'): Json[] {
  const { properties = {}, required = [] } = schemaOf(schema, 'input') as {
    properties?: Readonly<Record<string, Json>>
    required?: readonly string[]
  }
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    schema: property,
  }))
}

const header = (name: string, required: boolean): Json => ({ name, in: 'header', required, schema: { type: 'string' } })

/** JSON Schema 2020-12, as OpenAPI 3.1 has it. */
export function schemaOf(schema: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' })
  return rest
}

const PROBLEM_SCHEMA: Json = schemaOf(
  z.strictObject({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    code: z.string(),
    incident: z.string(),
    errors: z.array(z.strictObject({ at: z.string(), fault: z.string() })).optional(),
  }),
  'output',
)
