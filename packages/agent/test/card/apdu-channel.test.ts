import { describe, expect, test } from 'vitest'
import { createApduChannel } from '../../src/card/create-apdu-channel.ts'
import {
  askTriesCommand,
  readBinaryCommand,
  selectApplicationCommand,
  selectFileCommand,
  verifyPinCommand,
} from '../../src/card/commands.ts'
import { FILES } from '../../src/card/jpki-application.ts'
import { maskCommand } from '../../src/card/mask-command.ts'
import { SHORT_DEADLINES, answering, codeOf } from '../support/card-stage.ts'

/** A channel that stands at a file, whose card then gives these answers. */
async function at(file: (typeof FILES)[keyof typeof FILES], ...answers: string[]) {
  const stage = answering('9000', '9000', ...answers)
  await stage.channel.send(selectApplicationCommand())
  await stage.channel.send(selectFileCommand(file))
  stage.sent.length = 0
  return stage
}

describe('attack 30: what a hostile card can answer', () => {
  test('61xx without end: a bounded number of commands, then CARD_PROTOCOL_ERROR', async () => {
    const { channel, sent } = await at(FILES.authenticationCertificate, '6100')
    expect(await codeOf(channel.send(readBinaryCommand(0, 256)))).toBe('CARD_PROTOCOL_ERROR')
    expect(sent.length).toBeLessThanOrEqual(34)
  })

  test('61xx without end, full of data: bounded by bytes', async () => {
    const { channel, sent } = await at(FILES.authenticationCertificate, `${'00'.repeat(256)}6100`)
    expect(await codeOf(channel.send(readBinaryCommand(0, 256)))).toBe('CARD_PROTOCOL_ERROR')
    expect(sent.length).toBeLessThanOrEqual(4)
  })

  test('6Cxx to everything: followed once', async () => {
    const { channel, sent } = await at(FILES.authenticationCertificate, '6c05')
    expect((await channel.send(readBinaryCommand(0, 256))).status).toBe(0x6c05)
    expect(sent).toEqual(['00b0000000', '00b0000005'])
  })

  test.each([
    ['no bytes', ''],
    ['one byte', '90'],
    ['257 bytes of data', `${'00'.repeat(257)}9000`],
    ['64 KiB', `${'00'.repeat(65_536)}9000`],
  ])('an answer of %s: CARD_PROTOCOL_ERROR', async (_what, answer) => {
    const { channel } = await at(FILES.authenticationCertificate, answer)
    expect(await codeOf(channel.send(readBinaryCommand(0, 256)))).toBe('CARD_PROTOCOL_ERROR')
  })

  test('an answer in pieces is put together', async () => {
    const { channel, sent } = await at(FILES.authenticationCertificate, '01026103', '03046101', '059000')
    const { data, status } = await channel.send(readBinaryCommand(0, 256))
    expect([data.toString('hex'), status]).toEqual(['0102030405', 0x9000])
    expect(sent.slice(1)).toEqual(['00c0000003', '00c0000001'])
  })
})

describe('attack 28: VERIFY is sent once, whatever comes back', () => {
  const verify = () => verifyPinCommand(Buffer.from('1234'))

  test.each(['6c04', '6104', '6700', '63c2', '6f00'])(
    'answer %s: no second VERIFY and no GET RESPONSE',
    async (answer) => {
      const { channel, sent } = await at(FILES.authenticationPin, answer)
      await codeOf(channel.send(verify()))
      expect(sent).toEqual(['002000800431323334'])
      expect(await codeOf(channel.send(verify()))).toBe('AGENT_FAILED')
      expect(sent).toHaveLength(1)
    },
  )

  test('6Cxx to the question for tries left is not followed: with that length it would announce a PIN', async () => {
    const { channel, sent } = await at(FILES.authenticationPin, '6c04')
    expect((await channel.send(askTriesCommand())).status).toBe(0x6c04)
    expect(sent).toEqual(['00200080'])
  })

  test('the bytes of a command are zeroed after the reader has let go of them, and not before', async () => {
    let answer: (bytes: Buffer) => void = () => undefined
    const channel = createApduChannel({
      connection: {
        transmit: (command) =>
          command[1] === 0x20 && command.length > 5
            ? new Promise((resolve) => {
                answer = resolve
              })
            : Promise.resolve(Buffer.from('9000', 'hex')),
        release: () => Promise.resolve(),
      },
      deadlines: { ...SHORT_DEADLINES, commandMs: 30 },
      monotonicMs: () => performance.now(),
    })
    await channel.send(selectApplicationCommand())
    await channel.send(selectFileCommand(FILES.authenticationPin))
    const command = verify()
    expect(await codeOf(channel.send(command))).toBe('CARD_TIMEOUT')
    // The reader still has it: another content now would be another PIN.
    expect(command.toString('hex')).toBe('002000800431323334')
    answer(Buffer.from('9000', 'hex'))
    await expect.poll(() => command.every((byte) => byte === 0)).toBe(true)
  })

  test('a command that never went out is zeroed too', async () => {
    const { channel } = answering('9000')
    const command = verify()
    expect(await codeOf(channel.send(command))).toBe('AGENT_FAILED')
    expect(command.every((byte) => byte === 0)).toBe(true)
  })
})

describe('deadlines', () => {
  const silent = { transmit: () => new Promise<never>(() => undefined), release: () => Promise.resolve() }

  test('a card that does not answer: CARD_TIMEOUT, and the channel stays closed', async () => {
    const deadlines = { ...SHORT_DEADLINES, commandMs: 20 }
    const channel = createApduChannel({ connection: silent, deadlines, monotonicMs: () => performance.now() })
    expect(await codeOf(channel.send(selectApplicationCommand()))).toBe('CARD_TIMEOUT')
    expect(await codeOf(channel.send(selectApplicationCommand()))).toBe('CARD_TIMEOUT')
  })

  test('a session that takes too long as a whole ends, however quick each answer is', async () => {
    let clock = 0
    const channel = createApduChannel({
      connection: {
        transmit() {
          clock += 100
          return Promise.resolve(Buffer.from('9000', 'hex'))
        },
        release: () => Promise.resolve(),
      },
      deadlines: { ...SHORT_DEADLINES, commandMs: 150, sessionMs: 1_000 },
      monotonicMs: () => clock,
    })
    const codes: string[] = []
    for (let command = 0; command < 12; command += 1) codes.push(await codeOf(channel.send(selectApplicationCommand())))
    expect(codes.slice(0, 10)).toEqual(new Array(10).fill('no failure'))
    expect(codes.slice(10)).toEqual(['CARD_TIMEOUT', 'CARD_TIMEOUT'])
  })
})

describe('attack 28: the trace', () => {
  test.each([
    ['VERIFY', '002000800431323334', '0020008004 <4 bytes>'],
    ['COMPUTE SIGNATURE', `802a008033${'ab'.repeat(51)}00`, '802A008033 <52 bytes>'],
    ['SELECT', '00a4020c020018', '00A4020C020018'],
    ['tries left', '00200080', '00200080'],
    ['READ BINARY', '00b0010000', '00B0010000'],
    ['a malformed VERIFY', '00200080313233', '0020008031 <2 bytes>'],
  ])('%s is shown as its header', (_what, hex, shown) => {
    expect(maskCommand(Buffer.from(hex, 'hex'))).toBe(shown)
  })
})
