import { beforeEach, describe, expect, test } from 'vitest'
import type { AuditActor } from '../../../../src/audit/audit-event.ts'
import { createClientAdministration } from '../../../../src/relying-party/client-administration.ts'
import type { ClientWork } from '../../../../src/relying-party/client-work.ts'
import type { ApiRoute } from '../../../../src/web/admin/api/define-api-route.ts'
import { RequestRefused } from '../../../../src/web/admin/api/problem.ts'
import { createSiteApi } from '../../../../src/web/admin/relying-parties/api-routes.ts'
import { createMemoryClientStore, type MemoryClientStore } from '../../../support/memory-client-store.ts'

const SHOP = {
  clientId: 'shop',
  displayName: { ja: '店', en: 'Shop' },
  owner: 'Sales',
  redirectUris: ['https://shop.example/cb'],
}
let store: MemoryClientStore
let routes: readonly ApiRoute[]
beforeEach(() => {
  store = createMemoryClientStore()
  let drawn = 0
  const clients = createClientAdministration({
    store,
    now: () => new Date('2026-11-22T03:00:00Z'),
    random: (octets) => new Uint8Array(octets).fill((drawn += 1)),
  })
  const work: ClientWork<AuditActor> = { clients, change: (_actor, change) => change(clients) }
  routes = createSiteApi({
    work,
    issuer: 'https://id.example',
    findApi: () => Promise.resolve(undefined),
    links: { list: () => Promise.reject(new Error('none')), remove: () => Promise.reject(new Error('none')) },
    loadAsProvider: () => Promise.resolve(undefined),
    drawId: () => `drawn-${(drawn += 1)}`,
    builtIn: [],
    now: () => new Date('2026-11-22T03:00:00Z'),
  })
})

/** As the router does it: everything that comes in and goes out through the schemas of the route. */
async function call(
  name: string,
  {
    params = {},
    query = {},
    body,
    version,
  }: { params?: object; query?: object; body?: unknown; version?: string } = {},
) {
  const route = routes.find(({ method, path }) => `${method} ${path}` === name)
  if (route === undefined) throw new Error(`no route ${name}`)
  const answer = await route.handle({
    caller: { kind: 'service', clientId: 'robot' },
    actor: 'service:robot',
    params: route.params.parse(params),
    query: route.query.parse(query),
    body: route.body?.parse(body),
    version,
  })
  return { ...answer, body: route.response?.parse(answer.body) as Readonly<Record<string, unknown>> }
}

describe('what is registered by the API', () => {
  test('comes with its secret once, is found, changed from its version, rotated, disabled and enabled', async () => {
    const added = await call('post /relying-parties', { body: SHOP })
    expect(added).toMatchObject({
      version: 1,
      location: '/relying-parties/shop',
      body: { client: { clientId: 'shop' } },
    })
    expect(added.body['clientSecret']).toHaveLength(43)
    const params = { clientId: 'shop' }
    const shown = await call('get /relying-parties/:clientId', { params })
    expect(JSON.stringify(shown)).not.toContain(added.body['clientSecret'])
    expect(shown.version).toBe(1)
    const changed = await call('patch /relying-parties/:clientId', { params, version: '1', body: { owner: 'IT' } })
    expect(changed).toMatchObject({ version: 2, body: { client: { owner: 'IT' } } })
    const rotated = await call('post /relying-parties/:clientId/secrets', { params, version: '2', body: {} })
    expect(rotated.body).toMatchObject({ client: { secrets: [{}, { endsAt: '2026-11-23T03:00:00.000Z' }] } })
    expect((await call('post /relying-parties/:clientId/disable', { params })).body).toMatchObject({
      status: 'disabled',
    })
    expect((await call('post /relying-parties/:clientId/enable', { params })).body).toMatchObject({ status: 'enabled' })
  })

  test('attack 44: a change made from another version, or from none of ours, is refused', async () => {
    await call('post /relying-parties', { body: SHOP })
    const params = { clientId: 'shop' }
    for (const version of ['2', '0', 'x', '1e0']) {
      await expect(
        call('patch /relying-parties/:clientId', { params, version, body: { owner: 'IT' } }),
      ).rejects.toMatchObject({ code: 'ADMIN_CHANGED_MEANWHILE' })
    }
  })

  test('what does not fit is named by its field', async () => {
    const fault: unknown = await call('post /relying-parties', {
      body: { ...SHOP, redirectUris: ['http://shop.example/'] },
    }).catch((thrown: unknown) => thrown)
    expect(fault).toBeInstanceOf(RequestRefused)
    expect((fault as RequestRefused).faults).toEqual([
      { at: 'body.redirectUris.0', fault: 'must be https: (http: only for localhost)' },
    ])
    await expect(call('get /relying-parties/:clientId', { params: { clientId: 'nobody' } })).rejects.toMatchObject({
      code: 'ADMIN_CLIENT_NOT_FOUND',
    })
  })

  test('attack 44: of an import all are registered, or none, and what is wrong is named', async () => {
    const good = { ...SHOP, clientId: undefined }
    const fault: unknown = await call('post /relying-party-imports', {
      body: { clients: [good, { ...SHOP, owner: undefined }] },
    }).catch((thrown: unknown) => thrown)
    expect((fault as RequestRefused).faults).toMatchObject([{ at: 'body.clients.1.owner' }])
    expect(store.rows.size).toBe(0)
    const done = await call('post /relying-party-imports', { body: { clients: [good, SHOP] } })
    expect((done.body['clients'] as unknown[]).length).toBe(2)
  })

  test('many are listed a page at a time, each once', async () => {
    for (let number = 10; number < 17; number += 1) {
      await call('post /relying-parties', { body: { ...SHOP, clientId: `site-${number}` } })
    }
    const ids: string[] = []
    let cursor: string | undefined
    do {
      const { body } = await call('get /relying-parties', { query: { limit: '3', ...(cursor && { cursor }) } })
      ids.push(...(body['items'] as { clientId: string }[]).map(({ clientId }) => clientId))
      cursor = body['next'] as string | undefined
    } while (cursor !== undefined)
    expect(ids).toEqual([10, 11, 12, 13, 14, 15, 16].map((number) => `site-${number}`))
  })
})
