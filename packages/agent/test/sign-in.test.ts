import { X509Certificate, verify } from 'node:crypto'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { buildTranscript, signedResponseSchema } from '@sekisho/protocol'
import { completionOf, submit } from './support/browse.ts'
import { issueCard, type IssuedCard } from './support/issue-card.ts'
import { startStage, type Stage } from './support/start-agent.ts'

let issued: IssuedCard
let stage: Stage

beforeAll(async () => {
  issued = await issueCard()
})
beforeEach(async () => {
  stage = await startStage({ issued })
})
afterEach(async () => {
  await stage.close()
})

describe('the way through', () => {
  test('page, PIN, signature over the transcript of this provider, and on to the completion address', async () => {
    const ticketId = stage.provider.issueTicket()
    const page = await stage.open(ticketId)
    expect(page).toMatchObject({ status: 200, page: 'pin' })
    expect(page.text).toContain('海辺の本屋')
    expect(page.text).toContain('https://shop.example')
    expect(page.text).toContain(stage.provider.origin)
    expect(page.text).toContain('あと3回')

    const done = await submit(page, stage.url, 'pin-form', { pin: '1234' })
    expect(done).toMatchObject({ status: 200, page: 'done' })
    expect(completionOf(done)).toBe(`${stage.provider.origin}/sign-in/complete?code=${ticketId.slice(0, 8)}`)
    expect(done.text).toContain(`<meta http-equiv="refresh" content="0; url=${String(completionOf(done))}"`)

    const [result] = stage.provider.results()
    const response = signedResponseSchema.parse(result)
    const { nonce, context } = stage.provider.document(ticketId) as { nonce: string; context: string }
    const transcript = buildTranscript({ providerOrigin: stage.provider.origin, nonce, context })
    const certificate = new X509Certificate(Buffer.from(response.certificate, 'base64'))
    expect(certificate.raw.equals(issued.certificateDer)).toBe(true)
    expect(verify('sha256', transcript, certificate.publicKey, Buffer.from(response.signature, 'base64'))).toBe(true)
  })
})
