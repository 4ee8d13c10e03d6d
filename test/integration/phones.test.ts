import { OID } from '@sekisho/virtual-jpki'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { formsOf } from '../../src/main/demo/html-form.ts'
import type { Page } from '../../src/main/demo/scripted-browser.ts'
import { startConformanceSystem, type ConformanceSystem } from '../support/conformance-system.ts'
import { openidSite, type OpenidSite } from '../support/openid-site.ts'
import { authorizationUrl } from '../support/raw-openid.ts'
import { sekishoJson } from '../support/run-sekisho.ts'

const PHONES = { PHONE_POLICIES: OID.phoneAuthenticationPolicy }

/** What the operator sees of an account. */
const kindsOf = async (system: ConformanceSystem, sub: string): Promise<readonly string[]> => {
  const { credentials } = await sekishoJson<{ credentials: { kind: string; status: string }[] }>(
    system.environment,
    'account',
    'show',
    sub,
  )
  return credentials.map(({ kind, status }) => `${kind} ${status}`)
}

describe('where the linkage service has a name for the person', () => {
  let system: ConformanceSystem
  let site: OpenidSite
  beforeAll(async () => {
    system = await startConformanceSystem({ ...PHONES, LINKAGE_STYLE: 'person' })
    await system.register({ clientId: 'site' })
    site = await openidSite(system, 'site')
  })
  afterAll(() => system.close())

  test('card and phone are one account, side by side, and a renewed card beside them', async () => {
    const byCard = await site.signIn(system.person('taro'))
    const byPhone = await site.signIn(system.person('taro-phone'))
    const sub = byCard.claims()?.sub ?? ''
    expect(byPhone.claims()?.sub).toBe(sub)
    expect(await kindsOf(system, sub)).toEqual(['card-auth current', 'phone-auth current'])
    const renewed = await site.signIn(system.person('taro-renewed'))
    expect(renewed.claims()?.sub).toBe(sub)
    expect((await site.signIn(system.person('taro-phone'))).claims()?.sub).toBe(sub)
    expect(await kindsOf(system, sub)).toEqual(['card-auth superseded', 'phone-auth current', 'card-auth current'])
  })
})

describe('where it knows predecessors only', () => {
  let system: ConformanceSystem
  let site: OpenidSite
  beforeAll(async () => {
    system = await startConformanceSystem(PHONES)
    await system.register({ clientId: 'site' })
    site = await openidSite(system, 'site')
  })
  afterAll(() => system.close())

  const answer = (page: Page, id: string, values: Readonly<Record<string, string>>) => {
    const form = formsOf(page.html).find((one) => one.id === id)
    if (form === undefined) throw new Error(`no form ${id} at ${page.url.href}`)
    const [button] = form.buttons
    return { action: form.action, values: { ...form.values, [button?.name ?? '']: button?.value ?? '', ...values } }
  }

  test('a phone is asked about, joins the account of the card by a code, and both go on', async () => {
    const [withCard, withPhone] = [system.person('taro'), system.person('taro-phone')]
    const { sub = '' } = (await site.signIn(withCard)).claims() ?? {}
    const asked = await withPhone.open(authorizationUrl(system.issuer, { redirect_uri: 'http://localhost:1/cb' }))
    expect(asked.url.pathname).toMatch(/\/choice$/)
    expect(asked.html).toContain('We have not seen this phone before')

    // another try in the other browser: the code is made where the card has just been tapped
    const account = await withCard.open(`${system.issuer}/account`)
    const made = await withCard.browser.submit(account, '/account/hand-over', {})
    const code = /id="hand-over-code">([0-9A-Z-]+)</.exec(made.html)?.[1] ?? ''
    const wrong = answer(asked, 'renewed', { code: '00001-00002-00003-00004' })
    const again = await withPhone.browser.submit(asked, wrong.action, wrong.values)
    expect(again.html).toContain('LINK_HAND_OVER_CODE_INVALID')
    expect(again.html).toContain('We have not seen this phone before')
    const right = answer(again, 'renewed', { code })
    expect((await withPhone.browser.submit(again, right.action, right.values)).url.searchParams.has('code')).toBe(true)

    for (const persona of ['taro', 'taro-phone']) {
      expect((await site.signIn(system.person(persona))).claims()?.sub).toBe(sub)
    }
    expect(await kindsOf(system, sub)).toEqual(['card-auth current', 'phone-auth current'])
    const page = await withPhone.open(`${system.issuer}/account`)
    expect(page.html).toMatch(/Smartphone[\s\S]*in use/)
  })

  test('with UNKNOWN_CARDS=new a first card needs no answer', async () => {
    expect((await site.signIn(system.person('hanako'))).claims()?.sub).toBeTypeOf('string')
  })
})

describe('where phones are not accepted', () => {
  test('their certificates are refused by their policy, and nothing is left behind', async () => {
    const system = await startConformanceSystem()
    await system.register({ clientId: 'site' })
    const page = await system.person('taro-phone').open(authorizationUrl(system.issuer))
    expect(page.html).toContain('data-error-code="CERT_WRONG_POLICY"')
    const { rows } = await system.database.query('SELECT FROM credentials')
    expect(rows).toHaveLength(0)
    await system.close()
  })
})
