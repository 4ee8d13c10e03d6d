import { verify, X509Certificate } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import { buildTranscript } from '@sekisho/protocol'
import { createVirtualCard } from '@sekisho/virtual-card'
import { inspectCard, type InspectedCard } from '../../src/card/inspect-card.ts'
import { signWithCard } from '../../src/card/sign-with-card.ts'
import { layCard, type CardStage } from '../support/card-stage.ts'
import { issueCard, type IssuedCard } from '../support/issue-card.ts'

let issued: IssuedCard
let another: IssuedCard
beforeAll(async () => {
  ;[issued, another] = await Promise.all([issueCard(), issueCard()])
})

const TRANSCRIPT = buildTranscript({ providerOrigin: 'https://op.example', nonce: 'n'.repeat(43), context: '{}' })

async function ready(stage: CardStage): Promise<InspectedCard> {
  const status = await inspectCard(stage.access)
  if (status.state !== 'ready') throw new Error(`card not ready: ${JSON.stringify(status)}`)
  return status.card
}

function sign(stage: CardStage, shown: InspectedCard, pin = '1234') {
  return signWithCard(stage.access, { shown, pin: Buffer.from(pin), transcript: TRANSCRIPT })
}

describe('attack 28: the PIN and its counter', () => {
  test('a wrong PIN: the tries that are left, and nothing is tried again', async () => {
    const stage = layCard(issued)
    expect(await sign(stage, await ready(stage), '9999')).toEqual({ outcome: 'wrong-pin', triesLeft: 2 })
    expect(stage.card.triesLeft('authentication')).toBe(2)
  })

  test.each(['6983', '6984'] as const)('the last wrong PIN, and a locked card that says %s', async (lockedStatus) => {
    const stage = layCard(issued, { triesLeft: 1, lockedStatus })
    expect(await sign(stage, await ready(stage), '9999')).toEqual({ outcome: 'wrong-pin', triesLeft: 0 })
    const shown = await ready(stage)
    expect(shown.triesLeft).toBe(0)
    expect(await sign(stage, shown)).toMatchObject({ outcome: 'failed', code: 'PIN_BLOCKED' })
  })

  test('a counter that moved since the person saw it: card-changed, before VERIFY', async () => {
    const stage = layCard(issued, { triesLeft: 1 })
    const shown = { ...(await ready(stage)), triesLeft: 3 }
    expect(await sign(stage, shown)).toEqual({ outcome: 'card-changed' })
    expect(stage.card.triesLeft('authentication')).toBe(1)
  })

  test('another card than the one the person saw: card-changed, before VERIFY', async () => {
    const stage = layCard(issued)
    const shown = await ready(stage)
    const other = createVirtualCard({ authentication: another })
    stage.readers.insert(other)
    expect(await sign(stage, shown, '9999')).toEqual({ outcome: 'card-changed' })
    expect(other.triesLeft('authentication')).toBe(3)
  })

  test('the trace holds neither PIN nor certificate nor signature', async () => {
    const stage = layCard(issued, { pin: '4711' })
    const signed = await sign(stage, await ready(stage), '4711')
    if (signed.outcome !== 'signed') throw new Error(signed.outcome)
    const traced = stage.traced.join('\n').toLowerCase()
    expect(traced).toContain('0020008004 <4 bytes>')
    expect(traced).not.toContain(Buffer.from('4711').toString('hex'))
    for (const secret of [issued.certificateDer, signed.signature]) {
      for (let at = 0; at + 8 <= secret.length; at += 8)
        expect(traced).not.toContain(secret.toString('hex', at, at + 8))
    }
  })
})

describe('the signature', () => {
  test('is over this transcript, by the key of this certificate', async () => {
    const stage = layCard(issued)
    const signed = await sign(stage, await ready(stage))
    if (signed.outcome !== 'signed') throw new Error(signed.outcome)
    expect(signed.algorithm).toBe('RS256')
    expect(signed.certificateDer.equals(issued.certificateDer)).toBe(true)
    expect(verify('sha256', TRANSCRIPT, new X509Certificate(signed.certificateDer).publicKey, signed.signature)).toBe(
      true,
    )
  })

  test('attack 26: by another key than the certificate has: CARD_PROTOCOL_ERROR', async () => {
    const stage = layCard({ ...issued, privateKey: another.privateKey })
    expect(await sign(stage, await ready(stage))).toMatchObject({ outcome: 'failed', code: 'CARD_PROTOCOL_ERROR' })
  })

  test('the PIN state does not outlive the session: afterwards the card wants a PIN again', async () => {
    const stage = layCard(issued)
    expect((await sign(stage, await ready(stage))).outcome).toBe('signed')
    const hex = (command: string) => stage.card.transmit(Buffer.from(command, 'hex')).toString('hex')
    // No SELECT of the application: that alone would make the card forget.
    hex('00a4020c020017')
    expect(hex(`802a0080333031300d060960864801650304020105000420${'00'.repeat(32)}00`)).not.toMatch(/9000$/)
  })
})

describe('attack 29: several readers and cards', () => {
  test('a foreign card beside the right one: the right one is found', async () => {
    const stage = layCard(issued)
    stage.readers.insert({ transmit: () => Buffer.from('6a82', 'hex'), reset: () => undefined }, 'Another reader')
    expect((await ready(stage)).readerName).toBe('Software reader 1')
  })

  test('two My Number Cards: which is meant is not guessed', async () => {
    const stage = layCard(issued)
    stage.readers.insert(createVirtualCard({ authentication: another }), 'Another reader')
    expect(await inspectCard(stage.access)).toMatchObject({ state: 'several-cards' })
  })

  test.each([
    ['READER_NOT_FOUND', []],
    ['CARD_NOT_FOUND', [{ name: 'empty', card: 'absent', insertion: 0 }]],
    ['CARD_UNSUPPORTED', [{ name: 'bent', card: 'mute', insertion: 1 }]],
  ] as const)('%s', async (code, list) => {
    const { access, readers } = layCard(issued)
    const cards = { ...readers, list: () => Promise.resolve(list) }
    expect(await inspectCard({ ...access, cards })).toMatchObject({ state: 'problem', code })
  })

  test('another program holds the card: READER_BUSY, and served once it lets go', async () => {
    const stage = layCard(issued)
    const other = await stage.readers.connect('Software reader 1')
    expect(await inspectCard(stage.access)).toMatchObject({ state: 'problem', code: 'READER_BUSY' })
    await other.release()
    expect(await inspectCard(stage.access)).toMatchObject({ state: 'ready' })
  })

  test('a service that never answers: a code in bounded time', async () => {
    const { access, readers } = layCard(issued)
    const dead = () => new Promise<never>(() => undefined)
    const deadlines = { ...access.deadlines, connectMs: 20 }
    const listing = await inspectCard({ ...access, deadlines, cards: { ...readers, list: dead } })
    expect(listing).toMatchObject({ state: 'problem', code: 'READER_SERVICE_UNAVAILABLE' })
    const connecting = await inspectCard({ ...access, deadlines, cards: { ...readers, connect: dead } })
    expect(connecting).toMatchObject({ state: 'problem', code: 'READER_BUSY' })
  })

  test('a connection that comes after its deadline is given back at once', async () => {
    const { access, readers } = layCard(issued)
    let released = 0
    let arrive: (connection: { transmit: never; release: () => Promise<void> }) => void = () => undefined
    const late = () => new Promise<never>((resolve) => (arrive = resolve as never))
    const deadlines = { ...access.deadlines, connectMs: 20 }
    expect(await inspectCard({ ...access, deadlines, cards: { ...readers, connect: late } })).toMatchObject({
      code: 'READER_BUSY',
    })
    arrive({ transmit: undefined as never, release: () => Promise.resolve(void (released += 1)) })
    await expect.poll(() => released).toBe(1)
  })
})
