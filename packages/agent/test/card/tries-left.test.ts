import { beforeAll, describe, expect, test } from 'vitest'
import { createApduChannel } from '../../src/card/create-apdu-channel.ts'
import { CardFailure } from '../../src/card/card-failure.ts'
import { readTriesLeft } from '../../src/card/read-tries-left.ts'
import { selectApplication } from '../../src/card/select-application.ts'
import { withCard } from '../../src/card/with-card.ts'
import { SHORT_DEADLINES, answering, codeOf, layCard } from '../support/card-stage.ts'
import { issueCard, type IssuedCard } from '../support/issue-card.ts'

let issued: IssuedCard
beforeAll(async () => {
  issued = await issueCard()
})

describe('tries left are read without spending one', () => {
  test.each([3, 2, 1, 0])('a card with %i tries: told, and still as many', async (triesLeft) => {
    const { access, card, readers } = layCard(issued, { triesLeft })
    const [reader] = await readers.list()
    const told = await withCard(access, reader?.name ?? '', async (channel) => {
      await selectApplication(channel)
      return readTriesLeft(channel)
    })
    expect(told).toBe(triesLeft)
    expect(card.triesLeft('authentication')).toBe(triesLeft)
  })

  test.each([
    ['63c3', 3],
    ['63c0', 0],
    ['6983', 0],
    ['6984', 0],
    ['63cf', 15],
  ])('status %s means %i', async (status, tries) => {
    const { channel } = answering('9000', '9000', status)
    await selectApplication(channel)
    expect(await readTriesLeft(channel)).toBe(tries)
  })

  test('9000 (verified by someone before us): selected anew and asked again', async () => {
    const { channel, sent } = answering('9000', '9000', '9000', '9000', '9000', '63c2')
    await selectApplication(channel)
    expect(await readTriesLeft(channel)).toBe(2)
    expect(sent.slice(3)).toEqual(['00a4040c0ad392f000260100000001', '00a4020c020018', '00200080'])
  })

  test('9000 twice is a full counter, never zero', async () => {
    const { channel } = answering('9000')
    await selectApplication(channel)
    expect(await readTriesLeft(channel)).toBe(3)
  })

  test('6700 to four bytes: the five-byte form, which carries no PIN either', async () => {
    const { channel, sent } = answering('9000', '9000', '6700', '63c3')
    await selectApplication(channel)
    expect(await readTriesLeft(channel)).toBe(3)
    expect(sent.slice(2)).toEqual(['00200080', '0020008000'])
  })

  test('a PC/SC stack that refuses four bytes: the five-byte form', async () => {
    const sent: string[] = []
    const channel = createApduChannel({
      connection: {
        async transmit(command) {
          sent.push(Buffer.from(command).toString('hex'))
          if (command.length === 4) throw new CardFailure('CARD_PROTOCOL_ERROR', 'PC/SC InvalidParameter')
          return Buffer.from(command[1] === 0x20 ? '63c1' : '9000', 'hex')
        },
        release: () => Promise.resolve(),
      },
      deadlines: SHORT_DEADLINES,
      monotonicMs: () => performance.now(),
    })
    await selectApplication(channel)
    expect(await readTriesLeft(channel)).toBe(1)
    expect(sent.slice(2)).toEqual(['00200080', '0020008000'])
  })

  test.each(['6300', '6d00', '6f00', '6982', '6c04'])(
    'status %s tells nothing: CARD_PROTOCOL_ERROR',
    async (status) => {
      const { channel, sent } = answering('9000', '9000', status)
      await selectApplication(channel)
      expect(await codeOf(readTriesLeft(channel))).toBe('CARD_PROTOCOL_ERROR')
      // Whatever was sent to the PIN, there were no four digits in it.
      expect(sent.filter((command) => command.startsWith('0020') && command.length > 10)).toEqual([])
    },
  )
})
