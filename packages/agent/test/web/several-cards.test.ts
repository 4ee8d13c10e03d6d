import { createVirtualCard, type VirtualCard } from '@sekisho/virtual-card'
import { beforeAll, describe, expect, test } from 'vitest'
import { signedResponseSchema } from '@sekisho/protocol'
import { submit, watch, type Answer } from '../support/browse.ts'
import { issueCard, type IssuedCard } from '../support/issue-card.ts'
import { useStage } from '../support/use-stage.ts'

const use = useStage()
let another: IssuedCard
beforeAll(async () => {
  another = await issueCard()
})

/** Two cards on two readers of one model, and the page of a ticket. */
async function openChooser(): Promise<{ page: Answer; second: VirtualCard }> {
  const ticketId = await use.set()
  const second = createVirtualCard({ authentication: { ...another, pin: '7294', triesLeft: 2 } })
  use.stage.readers.insert(second, 'Software reader 2')
  return { page: await use.stage.open(ticketId), second }
}
const signedBy = () =>
  Buffer.from(signedResponseSchema.parse(use.stage.provider.results().at(-1)).certificate, 'base64')

describe('attack 29: several cards', () => {
  test('which one is asked, not guessed; the chosen one signs, the other sees no PIN', async () => {
    const { page, second } = await openChooser()
    expect(page).toMatchObject({ page: 'choose', code: 'SEVERAL_CARDS' })
    expect(page.text).not.toContain('name="pin"')
    const field = await submit(page, use.stage.url, 'choose-form-2')
    expect(field.page).toBe('pin')
    expect(field.text).toContain('あと2回')
    expect(field.text).toContain('Software reader 2')
    expect((await submit(field, use.stage.url, 'pin-form', { pin: '7294' })).page).toBe('done')
    expect(signedBy().equals(another.certificateDer)).toBe(true)
    expect([use.verifies(), second.triesLeft('authentication')]).toEqual([0, 3])
  })

  test('the choice can be taken back', async () => {
    const { page } = await openChooser()
    const again = await submit(await submit(page, use.stage.url, 'choose-form-2'), use.stage.url, 'other-card-form')
    expect(again.page).toBe('choose')
    const first = await submit(again, use.stage.url, 'choose-form-1')
    expect((await submit(first, use.stage.url, 'pin-form', { pin: '1234' })).page).toBe('done')
    expect(use.verifies()).toBe(1)
  })

  test('the chosen card is taken away: the other one is left, asked for its own PIN, not given this one', async () => {
    const { page } = await openChooser()
    const field = await submit(page, use.stage.url, 'choose-form-2')
    const next = watch(field, use.stage.url)
    use.stage.readers.remove('Software reader 2')
    const changed = await next
    expect([changed.page, changed.text.includes('Software reader 1')]).toEqual(['pin', true])
    await submit(field, use.stage.url, 'pin-form', { pin: '7294' })
    expect(use.verifies()).toBe(0)
  })

  test('a choice made on a page that is not true any more is not acted upon', async () => {
    const { page } = await openChooser()
    use.stage.readers.insert(createVirtualCard({ authentication: another }), 'Software reader 0')
    const now = await watch(page, use.stage.url)
    expect(now.page).toBe('choose')
    expect((await submit(page, use.stage.url, 'choose-form-1')).page).toBe('choose')
  })

  test.each(['7', '-1', 'x', ''])('reader %j is none of those shown', async (reader) => {
    const { page } = await openChooser()
    const body = new URLSearchParams({
      token: /name="token" value="([^"]+)"/.exec(page.text)?.[1] ?? '',
      form: /name="form" value="([^"]+)"/.exec(page.text)?.[1] ?? '',
      reader,
    }).toString()
    expect((await submit(page, use.stage.url, 'choose-form-1', {}, { body })).page).toBe('choose')
  })

  test('a second card put there while the PIN is asked for: asked which one', async () => {
    const page = await use.openPage()
    const next = watch(page, use.stage.url)
    use.stage.readers.insert(createVirtualCard({ authentication: another }), 'Software reader 2')
    expect((await next).page).toBe('choose')
    expect((await submit(page, use.stage.url, 'pin-form', { pin: '1234' })).page).toBe('choose')
    expect(use.verifies()).toBe(0)
  })
})

describe('a telephone on the reader (JPKIAPGPSETOKEN)', () => {
  test('the PIN first, then the certificate, in one session', async () => {
    const page = await use.openPage({ label: 'JPKIAPGPSETOKEN' })
    expect(page.page).toBe('pin')
    expect(page.text).toContain('スマートフォンが置かれています')
    expect((await submit(page, use.stage.url, 'pin-form', { pin: '1234' })).page).toBe('done')
    expect(signedBy().length).toBeGreaterThan(500)
    expect(use.verifies()).toBe(1)
  })

  test('a wrong PIN costs one try and shows no certificate', async () => {
    const page = await use.openPage({ label: 'JPKIAPGPSETOKEN' })
    const again = await submit(page, use.stage.url, 'pin-form', { pin: '9999' })
    expect(again.text).toContain('あと2回')
    expect(use.triesLeft()).toBe(2)
  })

  test('taken away and put back while the PIN is typed: it may be another one, so it is asked again', async () => {
    const page = await use.openPage({ label: 'JPKIAPGPSETOKEN' })
    use.stage.readers.insert(use.stage.onReader)
    const again = await submit(page, use.stage.url, 'pin-form', { pin: '9999' })
    expect(again.text).toContain('入れ替わったか')
    expect([use.triesLeft(), use.verifies()]).toEqual([3, 0])
    expect((await submit(again, use.stage.url, 'pin-form', { pin: '1234' })).page).toBe('done')
  })
})
