import { readFileSync } from 'node:fs'
import ejs from 'ejs'
import { describe, expect, test } from 'vitest'
import { loadMessages, translator } from '../../../src/web/messages.ts'
import { createRender } from '../../../src/web/render.ts'

const ROOT = new URL('../../../', import.meta.url)
const messages = loadMessages(new URL('locales/', ROOT))
const render = createRender({ viewsDirectory: new URL('views/', ROOT), messages })
const viewOf = (name: string): string => readFileSync(new URL(`views/${name}.ejs`, ROOT), 'utf8')

const HOSTILE = `<script>alert("1")</script>&'{client}`

describe('a page', () => {
  test.each([
    ['en', undefined],
    ['ja', undefined],
    ['ja', 'CERT_EXPIRED'],
  ] as const)('in %s, refused %s, is what the template says, with every value escaped', (locale, refused) => {
    const page = { locale, titleKey: 'interaction.title', otherLanguageHref: `/x?${HOSTILE}` }
    const values = {
      refused,
      action: HOSTILE,
      cancelHref: HOSTILE,
      clientName: HOSTILE,
      clientOrigin: HOSTILE,
      sharesSubject: true,
      presence: HOSTILE,
      trust: HOSTILE,
    }
    const all = { ...page, refreshTo: undefined, t: translator(messages[locale]), ...values }
    const body = ejs.render(viewOf('interaction/sign-in'), all)
    const drawn = render('interaction/sign-in', page, values)
    expect(drawn).toBe(ejs.render(viewOf('layout'), { ...all, body }))
    expect(drawn).not.toContain('<script>alert')
  })

  test('with other names the second time is drawn with those', () => {
    const page = { locale: 'en', titleKey: 'errors.SERVER_FAILED.title' } as const
    const values = { code: 'SERVER_FAILED', incidentId: 'AAAA-BBBB', forDevelopers: undefined }
    const first = render('error', page, values)
    expect(render('error', { ...page, refreshTo: '/x' }, { ...values, more: 1 })).toContain('url=/x')
    expect(render('error', page, values)).toBe(first)
  })

  test('without a name that it says is not drawn', () => {
    const page = { locale: 'en', titleKey: 'errors.SERVER_FAILED.title' } as const
    expect(() => render('error', page, { code: 'SERVER_FAILED' })).toThrow('incidentId is not defined')
    expect(() => render('nothing', page)).toThrow('no view nothing')
  })
})
