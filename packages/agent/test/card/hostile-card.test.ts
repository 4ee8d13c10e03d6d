import { beforeAll, describe, expect, test } from 'vitest'
import { AGENT_FAILURE_CODES } from '@sekisho/protocol'
import type { MisbehaviourScript } from '@sekisho/virtual-card'
import { inspectCard } from '../../src/card/inspect-card.ts'
import { layCard } from '../support/card-stage.ts'
import { issueCard, type IssuedCard } from '../support/issue-card.ts'

let issued: IssuedCard
beforeAll(async () => {
  issued = await issueCard()
})

const certificate = (hex: string): MisbehaviourScript => ({ files: { '000A': hex } })

describe('attack 30: a hostile or foreign card ends with a code, before any PIN is asked for', () => {
  test.each<[string, MisbehaviourScript, string]>([
    ['an empty certificate file', certificate(''), 'CARD_NO_CERTIFICATE'],
    ['a certificate file of zeros', certificate('00'.repeat(3808)), 'CARD_NO_CERTIFICATE'],
    ['a certificate file of FF', certificate('ff'.repeat(3808)), 'CARD_NO_CERTIFICATE'],
    ['no certificate file', { files: { '000A': null } }, 'CARD_NO_CERTIFICATE'],
    ['three bytes', certificate('308205'), 'CARD_PROTOCOL_ERROR'],
    ['random bytes', certificate('5a'.repeat(2000)), 'CARD_PROTOCOL_ERROR'],
    ['indefinite length', certificate(`3080${'05'.repeat(1000)}`), 'CARD_PROTOCOL_ERROR'],
    ['a length of 4 GiB', certificate(`3084ffffffff${'05'.repeat(1000)}`), 'CARD_PROTOCOL_ERROR'],
    ['a length of 64 KiB', certificate(`3082ffff${'05'.repeat(1000)}`), 'CARD_PROTOCOL_ERROR'],
    ['a length above the limit', certificate(`30821000${'05'.repeat(5000)}`), 'CARD_PROTOCOL_ERROR'],
    ['a length longer than the file', certificate(`30820600${'05'.repeat(600)}`), 'CARD_PROTOCOL_ERROR'],
    ['a short-form SEQUENCE', certificate(`3020${'05'.repeat(1000)}`), 'CARD_PROTOCOL_ERROR'],
    ['a SET', certificate(`31820400${'05'.repeat(1024)}`), 'CARD_PROTOCOL_ERROR'],
    ['a SEQUENCE of garbage', certificate(`30820400${'05'.repeat(1024)}`), 'CARD_PROTOCOL_ERROR'],
    ['a SEQUENCE nested to the limit', certificate(`30820400${'3080'.repeat(512)}`), 'CARD_PROTOCOL_ERROR'],
    ['no token info', { files: { '0006': null } }, 'CARD_UNSUPPORTED'],
    ['token info of 31 bytes', { files: { '0006': '20'.repeat(31) } }, 'CARD_PROTOCOL_ERROR'],
    ['an unknown label', { files: { '0006': '41'.repeat(160) } }, 'CARD_UNSUPPORTED'],
    [
      '61xx without end',
      { rules: [{ when: { name: 'READ BINARY' }, do: { kind: 'endless-more-data' } }] },
      'CARD_PROTOCOL_ERROR',
    ],
    [
      '6Cxx without end',
      { rules: [{ when: { name: 'READ BINARY' }, do: { kind: 'endless-wrong-length' } }] },
      'CARD_PROTOCOL_ERROR',
    ],
    ['answers too long', { rules: [{ do: { kind: 'lengthen', bytes: 300 } }] }, 'CARD_PROTOCOL_ERROR'],
    ['answers of one byte', { rules: [{ do: { kind: 'shorten', bytes: 1 } }] }, 'CARD_PROTOCOL_ERROR'],
    [
      'one byte at a time',
      { rules: [{ when: { name: 'READ BINARY', nth: 2 }, times: 9999, do: { kind: 'answer', bytes: '059000' } }] },
      'CARD_PROTOCOL_ERROR',
    ],
    ['noise from the first command on', { rules: [{ do: { kind: 'noise', seed: 7 } }] }, 'CARD_UNSUPPORTED'],
    ['latency beyond the deadline', { rules: [{ do: { kind: 'delay', milliseconds: 400 } }] }, 'CARD_TIMEOUT'],
  ])('%s', async (_what, script, code) => {
    const { access, card } = layCard(issued, { script })
    expect(await inspectCard(access)).toMatchObject({ state: 'problem', code })
    expect(card.triesLeft('authentication')).toBe(3)
  })

  test.each(['JPKIAPICCTOKEN', 'JPKIAPIOSTOKEN'] as const)('label %s: CARD_UNSUPPORTED', async (label) => {
    const { access } = layCard(issued, { label })
    expect(await inspectCard(access)).toMatchObject({ state: 'problem', code: 'CARD_UNSUPPORTED' })
  })

  test.each(Array.from({ length: 40 }, (_value, index) => index + 1))(
    'noise from command %i on: some code of the protocol, no try spent',
    async (nth) => {
      const { access, card } = layCard(issued, {
        script: { rules: [{ when: { nth }, times: 999, do: { kind: 'noise', seed: nth } }] },
      })
      const status = await inspectCard(access)
      if (status.state === 'problem') expect(AGENT_FAILURE_CODES).toContain(status.code)
      expect(card.triesLeft('authentication')).toBe(3)
    },
  )

  test('a slow but honest card, and one whose answers come in pieces, are served', async () => {
    const rules = [{ do: { kind: 'split', bytes: 16 } }] as const
    expect(await inspectCard(layCard(issued, { script: { rules } }).access)).toMatchObject({ state: 'ready' })
  })

  test('what is sent to any card is on the allow-list: one application, three files, no PIN', async () => {
    const { access, card } = layCard(issued)
    await inspectCard(access)
    const selected = card.log.filter(({ name }) => name === 'SELECT').map(({ command }) => command)
    expect(selected).toEqual(['00A4040C0AD392F000260100000001', '00A4020C020006', '00A4020C02000A', '00A4020C020018'])
    expect(card.log.filter(({ name }) => name === 'VERIFY').map(({ command }) => command)).toEqual(['00200080'])
  })

  test('a key of another kind than the rules cover: CARD_UNSUPPORTED before a PIN is asked for', async () => {
    const other = await issueCard(['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-384'])
    const { access } = layCard(issued, { script: certificate(other.certificateDer.toString('hex')) })
    expect(await inspectCard(access)).toMatchObject({ state: 'problem', code: 'CARD_UNSUPPORTED' })
  })
})
