import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { createVirtualCard, type VirtualCard } from '@sekisho/virtual-card'
import { SELECT_JPKI, selectFile, sign, verify } from './commands.ts'
import { issueCredentials, type Credentials } from './issue-credentials.ts'

let credentials: Credentials

beforeAll(async () => {
  credentials = await issueCredentials()
})

const RUNS = 300
const CLASSES = [0x00, 0x80, 0x0c, 0x01, 0xff]
const INSTRUCTIONS = [0xa4, 0xb0, 0x20, 0x2a, 0xc0, 0x24, 0xca]
const FILES = ['0001', '0002', '0006', '0008', '000A', '000B', '0016', '0017', '0018', '001A', '001B', '0003']

const anyBytes = fc.uint8Array({ maxLength: 300 })

/** Commands that look like some: a known class and instruction in front of anything. */
const nearlyACommand = fc
  .tuple(fc.constantFrom(...CLASSES), fc.constantFrom(...INSTRUCTIONS), fc.uint8Array({ maxLength: 60 }))
  .map(([cla, ins, rest]) => Uint8Array.of(cla, ins, ...rest))

const select = fc.constantFrom(SELECT_JPKI, ...FILES.map(selectFile), '00A40000')
const read = fc.constantFrom('00B0000000', '00B0810000', '00B0820010', '00B0000100')
const signature = fc
  .tuple(fc.constantFrom('80', '97', '9A'), fc.uint8Array({ minLength: 1, maxLength: 60 }))
  .map(([reference, input]) => sign(input).replace('802A0080', `802A00${reference}`))

/** Without the right PINs: all of these digits are other than 1234, all of these letters other than SEKISHO1. */
const wrongPin = fc
  .oneof(fc.stringMatching(/^[5-9]{1,6}$/), fc.stringMatching(/^[A-C]{6,16}$/))
  .chain((pin) =>
    fc.constantFrom('80', '98', '9B').map((reference) => verify(pin).replace(/^002000../, `002000${reference}`)),
  )
const rightPin = fc.constantFrom(
  verify('1234').replace(/^00200080/, '00200098'),
  verify('SEKISHO1').replace(/^00200080/, '0020009B'),
)

function fromHex(commands: fc.Arbitrary<string>): fc.Arbitrary<Uint8Array> {
  return commands.map((command) => Buffer.from(command, 'hex'))
}

const commandsWithoutRightPin = fc.array(
  fc.oneof(anyBytes, nearlyACommand, fromHex(select), fromHex(read), fromHex(signature), fromHex(wrongPin)),
  { maxLength: 40 },
)
const anyCommands = fc.array(
  fc.oneof(nearlyACommand, fromHex(select), fromHex(signature), fromHex(wrongPin), fromHex(rightPin)),
  { maxLength: 40 },
)

function statusOf(response: Buffer): string {
  return response.subarray(-2).toString('hex')
}

function spendsOrGives(command: Uint8Array): boolean {
  return command[0] === 0x00 && command[1] === 0x20
}

function tries(card: VirtualCard): readonly [number, number] {
  return [card.triesLeft('authentication') ?? -1, card.triesLeft('signature') ?? -1]
}

function sum([authentication, signature]: readonly [number, number]): number {
  return authentication + signature
}

describe('whatever is sent to the card', () => {
  test('attack 30: it answers with a status word and never throws', () => {
    const card = createVirtualCard(credentials)
    fc.assert(
      fc.property(fc.oneof(anyBytes, nearlyACommand), (command) => {
        const response = card.transmit(command)
        expect(response.length).toBeGreaterThanOrEqual(2)
        expect(response.length).toBeLessThanOrEqual(258)
        expect(statusOf(response)).toMatch(/^(9000|6[0-9a-f]{3})$/)
      }),
      { numRuns: 2000 },
    )
  })

  test('it never signs without the right PIN, nor shows the signature certificate', () => {
    fc.assert(
      fc.property(commandsWithoutRightPin, (commands) => {
        const card = createVirtualCard(credentials)
        const certificate = Buffer.from(credentials.signature.certificateDer).subarray(0, 40)
        for (const command of [Buffer.from(SELECT_JPKI, 'hex'), ...commands]) {
          const response = card.transmit(command)
          if (command[1] === 0x2a) expect(response).toHaveLength(2)
          expect(response.includes(certificate)).toBe(false)
        }
      }),
      { numRuns: RUNS },
    )
  })

  test('after the right PIN and the loss of it, it does not sign either', () => {
    fc.assert(
      fc.property(fc.boolean(), commandsWithoutRightPin, (byReset, commands) => {
        const card = createVirtualCard(credentials)
        for (const command of [
          SELECT_JPKI,
          selectFile('0018'),
          verify('1234'),
          selectFile('001B'),
          verify('SEKISHO1'),
        ]) {
          expect(statusOf(card.transmit(Buffer.from(command, 'hex')))).toBe('9000')
        }
        if (byReset) card.reset()
        card.transmit(Buffer.from(SELECT_JPKI, 'hex'))
        for (const command of commands) {
          if (command[1] === 0x2a) expect(card.transmit(command)).toHaveLength(2)
          else card.transmit(command)
        }
      }),
      { numRuns: RUNS },
    )
  })

  test('a counter goes up only by 9000 to a VERIFY, goes down by one at a time, and stays at 0', () => {
    fc.assert(
      fc.property(anyCommands, (commands) => {
        const card = createVirtualCard(credentials)
        card.transmit(Buffer.from(SELECT_JPKI, 'hex'))
        for (const command of commands) {
          const before = tries(card)
          const status = statusOf(card.transmit(command))
          const succeeded = status === '9000'
          const spent = status.startsWith('63c') && command.length > 5
          expect(sum(before) - sum(tries(card)) === 1).toBe(spent)
          tries(card).forEach((after, index) => {
            const had = before[index] ?? -1
            if (after > had) expect([had > 0, succeeded, spendsOrGives(command)]).toEqual([true, true, true])
            if (after < had) expect([had - after, succeeded, spendsOrGives(command)]).toEqual([1, false, true])
          })
        }
      }),
      { numRuns: RUNS },
    )
  })

  test('attack 28: no PIN of a well-formed or malformed VERIFY gets into the log', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[0-9]{4}$/), fc.uint8Array({ maxLength: 4 }), (pin, tail) => {
        const card = createVirtualCard(credentials)
        card.transmit(Buffer.concat([Buffer.from(verify(pin), 'hex'), tail]))
        expect(card.log.at(-1)?.command).toBe('00200080****')
      }),
      { numRuns: RUNS },
    )
  })
})
