import { describe, expect, test } from 'vitest'
import { CARD_DEADLINES } from '../../src/card/card-deadlines.ts'
import { ask } from '../support/browse.ts'
import { useStage } from '../support/use-stage.ts'

const use = useStage()

describe('the doctor as a page', () => {
  test('all well: every step, and a report to copy', async () => {
    await use.set({ deadlines: CARD_DEADLINES })
    const page = await ask(`${use.stage.url}/doctor?lang=en`)
    expect(page).toMatchObject({ status: 200, page: 'doctor', code: 'OK' })
    expect(
      [...page.text.matchAll(/class="finding finding-(\S+)" data-code="([^"]+)"/g)].map(([, , code]) => code),
    ).toEqual(new Array(9).fill('OK'))
    expect(page.text).toMatch(/<textarea id="report" readonly[^>]*>sekisho-agent/)
    expect(page.text).toContain('[ OK ] validity    OK')
    expect(use.verifies()).toBe(0)
  })

  test('no card, no provider: one code and one remedy each', async () => {
    await use.set()
    use.stage.readers.remove()
    await use.stage.provider.close()
    const page = await ask(`${use.stage.url}/doctor?lang=ja`)
    expect(page.code).toBe('CARD_NOT_FOUND')
    expect(page.text).toContain('マイナンバーカードをリーダーに置いてください。')
    expect(page.text).toContain('PROVIDER_UNREACHABLE')
    expect(page.text).toContain('ネットワークと、アドレスを確認してください。')
  })

  test('ten at once: one examination', async () => {
    await use.set({ deadlines: CARD_DEADLINES })
    // Slow enough for all ten to come meanwhile.
    use.stage.onReader.follow({
      rules: [{ when: { name: 'READ BINARY', nth: 1 }, do: { kind: 'delay', milliseconds: 350 } }],
    })
    const pages = await Promise.all(Array.from({ length: 10 }, () => ask(`${use.stage.url}/doctor`)))
    expect(new Set(pages.map(({ code }) => code))).toEqual(new Set(['OK']))
    expect(use.stage.provider.seen.length).toBe(1)
  })

  test('while a sign-in is open it does not get in its way', async () => {
    const ticketId = await use.set()
    const page = await use.stage.open(ticketId)
    await ask(`${use.stage.url}/doctor`)
    expect((await use.stage.open(ticketId)).text).toContain(/name="form" value="([^"]+)"/.exec(page.text)?.[1] ?? '-')
  })

  test('attack 23: not for a script of another site', async () => {
    await use.set()
    const headers = { 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' }
    expect((await ask(`${use.stage.url}/doctor`, { headers })).status).toBe(403)
    expect(use.stage.provider.seen).toEqual([])
  })
})
