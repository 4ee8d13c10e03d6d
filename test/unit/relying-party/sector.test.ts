import { expect, test } from 'vitest'
import { registrationSchema } from '../../../src/relying-party/registration.ts'
import { PUBLIC_SECTOR, sectorOfClient } from '../../../src/relying-party/sector.ts'

const sector = (change: object): string =>
  sectorOfClient(
    registrationSchema.parse({
      clientId: 'app',
      displayName: { ja: 'アプリ', en: 'App' },
      redirectUris: ['https://app.example/cb'],
      ...change,
    }),
  )
const native = { applicationType: 'native' }
const api = { clientSecret: 's'.repeat(43), resourceServer: { resource: 'https://api.example/', scopes: ['read'] } }

const OWN = 'urn:sekisho:sector:client:app'

test.each([
  ['the host of its redirect addresses', {}, 'app.example'],
  ['with the port', { redirectUris: ['https://app.example:8443/cb'] }, 'app.example:8443'],
  ['the host of its sector identifier', { sectorIdentifierUri: 'https://group.example/sector.json' }, 'group.example'],
  ['everybody’s, where it asked for public subjects', { subjectType: 'public' }, PUBLIC_SECTOR],
  ['its own, for a native application on loopback', { ...native, redirectUris: ['http://127.0.0.1/cb'] }, OWN],
  ['its own, for a native application with a scheme', { ...native, redirectUris: ['jp.example.app:/cb'] }, OWN],
  ['the host, for a native application with a claimed address', native, 'app.example'],
  ['the host of the API that it is', { ...api, redirectUris: [] }, 'api.example'],
])('the sector of a client is %s', (_name, change, expected) => {
  expect(sector(change)).toBe(expected)
})
