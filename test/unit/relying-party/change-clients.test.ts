import { beforeEach, expect, test, vi } from 'vitest'
import {
  createClientAdministration,
  type ClientAdministration,
} from '../../../src/relying-party/client-administration.ts'
import { differencesOf } from '../../../src/relying-party/differences.ts'
import { tellChanges } from '../../../src/relying-party/tell-changes.ts'
import { createMemoryClientStore } from '../../support/memory-client-store.ts'

const SHOP = {
  clientId: 'shop',
  displayName: { ja: '店', en: 'Shop' },
  owner: 'Sales',
  redirectUris: ['https://shop.example/cb'],
}
const tell = vi.fn(() => Promise.resolve())
let clients: ClientAdministration
beforeEach(async () => {
  tell.mockClear()
  const store = createMemoryClientStore()
  const now = () => new Date('2026-11-22T03:00:00Z')
  const random = (octets: number) => new Uint8Array(octets).fill(7)
  await createClientAdministration({ store, now, random }).add({ ...SHOP, clientId: 'own' })
  clients = tellChanges(createClientAdministration({ store, now, random, builtIn: ['own'] }), tell)
})

test('every change is told, an update with the names of what is another now, and never with what is in it', async () => {
  await clients.add(SHOP)
  await clients.update('shop', { displayName: { ja: '商店', en: 'Shop' }, requireDpop: true, owner: 'Sales' })
  await clients.rotateSecret('shop', { keepOldForMs: 0 })
  await clients.setDisabled('shop', true)
  await clients.setDisabled('shop', false)
  expect(tell.mock.calls).toEqual([
    ['added', 'shop'],
    ['updated', 'shop', ['displayName.ja', 'requireDpop']],
    ['secret_rotated', 'shop'],
    ['disabled', 'shop'],
    ['enabled', 'shop'],
  ])
})

test('what is refused is not told', async () => {
  await clients.add(SHOP)
  tell.mockClear()
  await expect(clients.update('shop', { owner: 'X' }, { version: 7 })).rejects.toMatchObject({ code: 'CLIENT_CHANGED' })
  await expect(clients.update('shop', { redirectUris: ['x'] })).rejects.toThrow('redirectUris')
  expect(tell).not.toHaveBeenCalled()
})

test('attack 44: a secret is not rotated from a version that somebody else changed: a form sent twice draws one secret', async () => {
  await clients.add(SHOP)
  await clients.rotateSecret('shop', { keepOldForMs: 0, version: 1 })
  await expect(clients.rotateSecret('shop', { keepOldForMs: 0, version: 1 })).rejects.toMatchObject({
    code: 'CLIENT_CHANGED',
  })
})

test.each([
  ['changed', () => clients.update('own', { owner: 'Mallory' })],
  ['given another secret', () => clients.rotateSecret('own', { keepOldForMs: 0 })],
  ['disabled', () => clients.setDisabled('own', true)],
])('attack 44: what the provider itself is registered as is not %s', async (_what, act) => {
  await expect(act()).rejects.toMatchObject({ code: 'CLIENT_BUILT_IN' })
  expect(tell).not.toHaveBeenCalled()
})

test('differences are found field by field, one level into objects, and not in what is equal', () => {
  const before = { displayName: { ja: '店', en: 'Shop' }, redirectUris: ['a', 'b'], jwks: undefined, same: [1] }
  const after = { displayName: { ja: '店', en: 'Store' }, redirectUris: ['a'], same: [1], jwks: undefined, added: true }
  expect(differencesOf(before, after)).toEqual([
    { field: 'added', before: undefined, after: true },
    { field: 'displayName.en', before: 'Shop', after: 'Store' },
    { field: 'redirectUris', before: ['a', 'b'], after: ['a'] },
  ])
})
