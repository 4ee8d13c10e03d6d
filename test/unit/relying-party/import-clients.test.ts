import { beforeEach, describe, expect, test } from 'vitest'
import {
  createClientAdministration,
  type ClientAdministration,
} from '../../../src/relying-party/client-administration.ts'
import { importClients, MAX_IMPORTED, readImport } from '../../../src/relying-party/import-clients.ts'
import { createMemoryClientStore } from '../../support/memory-client-store.ts'

const SHOP = {
  clientId: 'shop',
  displayName: { ja: '店', en: 'Shop' },
  owner: 'Sales',
  redirectUris: ['https://shop.example/cb'],
}
const API = { ...SHOP, redirectUris: [], resourceServer: { resource: 'https://api.example/', scopes: ['read'] } }

let clients: ClientAdministration
let drawn = 0
const read = (...lines: readonly (string | object)[]) =>
  readImport(lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n'), {
    clients,
    drawId: () => `drawn-${(drawn += 1)}`,
  })
beforeEach(() => {
  drawn = 0
  clients = createClientAdministration({
    store: createMemoryClientStore(),
    now: () => new Date('2026-11-22T03:00:00Z'),
    random: (octets) => new Uint8Array(octets).fill(7),
  })
})

describe('attack 44: a mass import names what is wrong, line by line, before anything is done', () => {
  test.each<[string, (string | object)[], { number: number; field: string; message: RegExp }]>([
    ['no JSON', [SHOP, '{'], { number: 2, field: '', message: /JSON object/ }],
    ['no object', ['[]'], { number: 1, field: '', message: /JSON object/ }],
    [
      'a field that is wrong',
      ['', { ...SHOP, redirectUris: ['http://shop.example/'] }],
      { number: 2, field: 'redirectUris.0', message: /must be https/ },
    ],
    ['a misspelt field', [{ ...SHOP, first_party: true }], { number: 1, field: '', message: /first_party/ }],
    [
      'a secret of their own',
      [{ ...SHOP, clientSecret: 's'.repeat(43) }],
      { number: 1, field: 'clientSecret', message: /drawn here/ },
    ],
    ['an id twice', [SHOP, SHOP], { number: 2, field: 'clientId', message: /earlier line/ }],
    [
      'an API twice',
      [
        { ...API, clientId: 'a' },
        { ...API, clientId: 'b' },
      ],
      { number: 2, field: 'resourceServer.resource', message: /API of another/ },
    ],
  ])('%s', async (_what, lines, { number, field, message }) => {
    const faulty = (await read(...lines)).filter(({ faults }) => faults.length > 0)
    expect(faulty).toHaveLength(1)
    expect(faulty[0]).toMatchObject({ number, faults: [{ field, message: expect.stringMatching(message) as string }] })
    expect(await clients.list()).toEqual([])
  })

  test('an id that is registered already: an import never replaces a client', async () => {
    await clients.add(SHOP)
    expect((await read(SHOP))[0]?.faults).toEqual([{ field: 'clientId', message: 'is the id of another client' }])
  })

  test(`more than ${MAX_IMPORTED} at once`, async () => {
    const lines = await read(...Array.from({ length: MAX_IMPORTED + 5 }, (_, at) => ({ ...SHOP, clientId: `c${at}` })))
    expect(lines).toHaveLength(MAX_IMPORTED + 1)
    expect(lines.at(-1)?.faults[0]?.message).toMatch(/more than/)
  })
})

test('what was read is registered, each with a secret of its own, an id drawn where there was none', async () => {
  const { clientId: _none, ...unnamed } = SHOP
  const lines = await read(SHOP, '', unnamed)
  expect(lines.map(({ number, faults }) => [number, faults])).toEqual([
    [1, []],
    [3, []],
  ])
  const added = await importClients(lines, clients)
  expect(added.map(({ client }) => client.clientId)).toEqual(['shop', 'drawn-1'])
  expect(added.every(({ clientSecret }) => clientSecret?.length === 43)).toBe(true)
})
