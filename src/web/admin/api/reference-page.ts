import { permissionOf } from '../../../administration/permissions.ts'
import type { AdminRoutes } from '../admin-routes.ts'
import { definePage, page } from '../define-page.ts'
import { ADMIN_API_PATH } from './create-admin-api.ts'
import type { ApiRoute } from './define-api-route.ts'
import { operationIdOf, schemaOf } from './describe-api.ts'

/** The reference of the admin API, of the same list as its OpenAPI document. */
export function createReferencePage({
  issuer,
  resource,
  routes,
}: {
  readonly issuer: string
  readonly resource: string
  /** Asked for when the page is drawn: the list is complete by then. */
  readonly routes: () => readonly ApiRoute[]
}): AdminRoutes {
  return {
    api: [],
    pages: [
      definePage({
        method: 'get',
        path: '/api',
        act: 'console.use',
        nav: { key: 'reference', order: 95 },
        handle: () =>
          page('admin/reference', 'admin.reference.title', {
            resource,
            tokenEndpoint: `${issuer}/token`,
            groups: groupsOf(routes()),
          }),
      }),
    ],
  }
}

function groupsOf(routes: readonly ApiRoute[]) {
  return [...new Set(routes.map(({ tag }) => tag))].map((tag, index) => ({
    tag,
    id: String(index),
    routes: routes
      .filter((route) => route.tag === tag)
      .map((route) => ({
        id: operationIdOf(route),
        method: route.method.toUpperCase(),
        path: `${ADMIN_API_PATH}${route.path}`,
        summary: route.summary,
        scope: route.scope,
        roles: permissionOf(route.act).roles,
        services: permissionOf(route.act).services,
        status: route.status,
        conditional: route.conditional === true,
        schemas: schemasOf(route),
      })),
  }))
}

function schemasOf({ params, query, body, response }: ApiRoute) {
  const write = (value: unknown): string => JSON.stringify(value, null, 2)
  return [
    ...(Object.keys(params.shape).length === 0 ? [] : [{ kind: 'params', text: write(schemaOf(params, 'input')) }]),
    ...(Object.keys(query.shape).length === 0 ? [] : [{ kind: 'query', text: write(schemaOf(query, 'input')) }]),
    ...(body === undefined ? [] : [{ kind: 'body', text: write(schemaOf(body, 'input')) }]),
    ...(response === undefined ? [] : [{ kind: 'response', text: write(schemaOf(response, 'output')) }]),
  ]
}
