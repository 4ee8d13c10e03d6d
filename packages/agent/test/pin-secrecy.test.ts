import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { submit } from './support/browse.ts'
import { issueCard, type IssuedCard } from './support/issue-card.ts'
import { startStage, type Stage } from './support/start-agent.ts'

/** Digits that turn up nowhere by chance: checked below. */
const PIN = '7294'
const WRONG = '8163'

let issued: IssuedCard
let stage: Stage

beforeAll(async () => {
  issued = await issueCard()
})
afterEach(async () => {
  await stage.close()
})

describe('attack 28: where the PIN, the certificate and the signature are not', () => {
  test('a sign-in with a wrong PIN, a card pulled and a right PIN: not in the log, not in the pages, not with the provider', async () => {
    stage = await startStage({ issued, pin: PIN })
    const ticketId = stage.provider.issueTicket()
    const pages = [await stage.open(ticketId)]
    const enter = async (pin: string) => {
      const last = pages.at(-1)
      if (last === undefined) throw new Error('no page')
      pages.push(await submit(last, stage.url, 'pin-form', { pin }))
    }
    await enter(WRONG)
    stage.onReader.follow({ rules: [{ when: { name: 'SIGN' }, times: 1, do: { kind: 'remove-before' } }] })
    await enter(PIN)
    stage.onReader.insert()
    pages.push(await stage.open(ticketId))
    await enter(PIN)
    expect(pages.at(-1)?.page).toBe('done')

    const [result] = stage.provider.results() as { certificate: string; signature: string }[]
    const log = stage.logged.map((line) => JSON.stringify(line)).join('\n')
    expect(stage.logged.length).toBeGreaterThan(30) // the APDU trace is in it
    const forms = (secret: string) => [
      secret,
      Buffer.from(secret).toString('hex'),
      Buffer.from(secret).toString('base64'),
    ]

    for (const secret of [PIN, WRONG].flatMap(forms)) expect(withoutTokens(log)).not.toContain(secret)
    for (const page of pages)
      for (const secret of [PIN, WRONG]) expect(withoutTokens(page.text)).not.toContain(`"${secret}"`)
    for (const { path, headers, body } of stage.provider.seen) {
      const sent = withoutTokens(
        `${path} ${JSON.stringify(headers)} ${body.replace(result?.signature ?? '', '').replace(result?.certificate ?? '', '')}`,
      )
      for (const secret of [PIN, WRONG]) expect(sent).not.toContain(secret)
    }

    const { nonce } = stage.provider.document(ticketId) as { nonce: string }
    const signatureHex = Buffer.from(result?.signature ?? '', 'base64').toString('hex')
    for (const secret of [
      issued.commonName,
      issued.serialHex,
      ticketId,
      nonce,
      result?.signature ?? '-',
      signatureHex,
    ]) {
      expect(log.toLowerCase()).not.toContain(secret.toLowerCase())
    }
    const certificateHex = issued.certificateDer.toString('hex')
    for (let at = 0; at + 32 <= certificateHex.length; at += 32)
      expect(log).not.toContain(certificateHex.slice(at, at + 32))
  })

  test('the agent itself never sees the PIN as text: argv, environment and title of the process are free of it', async () => {
    stage = await startStage({ issued, pin: PIN })
    await submit(await stage.open(stage.provider.issueTicket()), stage.url, 'pin-form', { pin: PIN })
    const surroundings = JSON.stringify([process.argv, process.env, process.title])
    expect(surroundings).not.toContain(`=${PIN}`)
    expect(stage.provider.results()).toHaveLength(1)
  })
})

/** Random tokens, ports and times may hold any four digits by chance. */
function withoutTokens(text: string): string {
  return text
    .replace(/[\w-]{43}/g, '')
    .replace(/localhost:\d+/g, '')
    .replace(/"port":\d+/g, '')
    .replace(/"(date|host)":"[^"]*"/g, '')
}
