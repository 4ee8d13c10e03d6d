import { readdir, readFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { createClientAdministration } from '../../../../src/relying-party/client-administration.ts'
import { loadMessages, translator } from '../../../../src/web/messages.ts'
import {
  explainFault,
  explainFaults,
  FAULT_WORDS,
} from '../../../../src/web/admin/relying-parties/form/explain-faults.ts'
import { FORM_FIELDS, FORM_SECTIONS } from '../../../../src/web/admin/relying-parties/form/form-fields.ts'
import { readForm, withoutEmpty } from '../../../../src/web/admin/relying-parties/form/read-form.ts'
import { FIELDS_OF_KIND, SITE_KINDS, type SiteKind } from '../../../../src/web/admin/relying-parties/form/site-kind.ts'
import {
  emptyForm,
  fieldsOfKind,
  formValuesOf,
  shownFields,
} from '../../../../src/web/admin/relying-parties/form/write-form.ts'
import { createMemoryClientStore } from '../../../support/memory-client-store.ts'
import type { z } from 'zod'

const messages = loadMessages(new URL('../../../../locales/', import.meta.url))
const t = translator(messages.ja)
const clients = () =>
  createClientAdministration({
    store: createMemoryClientStore(),
    now: () => new Date('2026-11-22T03:00:00Z'),
    random: (octets) => new Uint8Array(octets).fill(7),
  })
const WHO = { 'displayName.ja': '店', 'displayName.en': 'Shop', owner: 'Sales' }
const FORMS: Readonly<Record<SiteKind, Readonly<Record<string, string>>>> = {
  server: {
    ...WHO,
    redirectUris: 'https://shop.example/cb\r\n\r\n https://shop.example/other ',
    'grantTypes.refresh_token': 'yes',
    resources: 'https://api.example/ read  write',
    defaultMaxAge: '300',
  },
  spa: { ...WHO, redirectUris: 'https://spa.example/', requireDpop: 'yes' },
  native: { ...WHO, redirectUris: 'com.example.shop:/cb', subjectType: 'public' },
  service: { ...WHO, resources: 'https://api.example/ read' },
  api: {
    ...WHO,
    'resourceServer.resource': 'https://api.example/',
    'resourceServer.scopes': 'read\nwrite',
    scopeDescriptions: 'read | 読む | Reads\nwrite | 書く | Writes',
  },
}
const readNew = (kind: SiteKind, values: Readonly<Record<string, string>>) => ({
  ...FIELDS_OF_KIND[kind],
  ...withoutEmpty(readForm(values, fieldsOfKind(kind), FIELDS_OF_KIND[kind]['grantTypes'] as string[] | undefined)),
})

describe.each(SITE_KINDS)('a form for: %s', (kind) => {
  const values = { ...emptyForm(), ...FORMS[kind] }

  test('is registered as it was filled in, and its form reads back the same', async () => {
    const all = clients()
    const added = await all.add(readNew(kind, values))
    const { client } = added
    const again = await all.update(
      client.clientId,
      readForm(formValuesOf(client), shownFields(client), client.grantTypes),
    )
    expect({ ...again.client, version: 1 }).toEqual({ ...added.client, version: 1 })
  })

  test('an empty one is refused at fields that it shows, in words', () => {
    const fault = ((): z.ZodError => {
      try {
        clients().verify(readNew(kind, emptyForm()))
        throw new Error('an empty form is a registration')
      } catch (thrown) {
        return thrown as z.ZodError
      }
    })()
    const faults = explainFaults(fault, t)
    expect(Object.keys(faults)).toEqual(expect.arrayContaining(['displayName.ja', 'displayName.en']))
    for (const name of Object.keys(faults)) expect(fieldsOfKind(kind)).toContain(name)
  })
})

test.each([
  [
    'redirectUris',
    { redirectUris: 'https://shop.example/cb\nhttp://shop.example/cb' },
    '2行目：https: にしてください（http: は localhost だけです）。',
  ],
  ['redirectUris', { redirectUris: 'https://shop.example' }, '1行目：「https://shop.example/」と書いてください。'],
  ['defaultMaxAge', { defaultMaxAge: 'soon' }, '入力してください。'],
  ['jwks', { jwks: '{"keys":[{"kty":"EC","d":"x"}]}' }, t('admin.sites.faults.privateKey')],
  ['jwks', { jwks: 'none' }, '入力してください。'],
  [
    'sectorIdentifierUri',
    { redirectUris: 'https://a.example/\nhttps://b.example/' },
    t('admin.sites.faults.severalHosts'),
  ],
  ['resources', { resources: 'api.example read' }, '1行目：https: か http: のアドレスにしてください。'],
])('what is wrong stands at %s, by its line: %j', (name, change, words) => {
  const fields = readNew('server', { ...emptyForm(), ...FORMS.server, ...change })
  let faults = {}
  try {
    clients().verify(fields)
  } catch (thrown) {
    faults = explainFaults(thrown as z.ZodError, t)
  }
  expect(faults).toHaveProperty([name], expect.arrayContaining([words]))
})

test('a field that a form did not show is left as it is', () => {
  expect(readForm({ owner: 'Sales', requireDpop: 'yes', jwksUri: '' }, ['owner', 'jwksUri'])).toEqual({
    owner: 'Sales',
    jwksUri: null,
  })
})

test('every rule of a registration has words in both languages', async () => {
  const directory = new URL('../../../../src/relying-party/', import.meta.url)
  const files = (await readdir(directory)).filter((name) => name.endsWith('.ts'))
  const sources = await Promise.all(files.map((name) => readFile(new URL(name, directory), 'utf8')))
  const said = sources.flatMap((source) =>
    [
      ...source.matchAll(
        /(?:message: |regex\([^\n]*, |'[a-zA-Z]+', |return |path, message: )['`]((?:must|cannot|is|names|describes|refresh_token) [^'`\n]+)['`]/g,
      ),
    ].map(([, words = '']) => words.replace(/\$\{[^}]+\}/g, '7')),
  )
  expect(said.length).toBeGreaterThan(20)
  for (const words of said) {
    expect(
      FAULT_WORDS.some(([pattern]) => pattern.test(words)),
      words,
    ).toBe(true)
  }
  for (const [, key] of FAULT_WORDS) {
    for (const locale of ['ja', 'en'] as const)
      expect(messages[locale].has(`admin.sites.faults.${key}`), key).toBe(true)
  }
})

test('every field, section and choice has words in both languages', () => {
  for (const locale of ['ja', 'en'] as const) {
    const has = (key: string): void => expect(messages[locale].has(key), key).toBe(true)
    for (const { name } of FORM_SECTIONS) has(`admin.sites.sections.${name}`)
    for (const { name } of FORM_FIELDS) {
      has(`admin.sites.fields.${name}.label`)
      has(`admin.sites.fields.${name}.hint`)
    }
  }
})

test('what has no words of its own is shown as the rule says it', () => {
  expect(explainFault({ message: 'is something new' }, t)).toBe('is something new')
})
