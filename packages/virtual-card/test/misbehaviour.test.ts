import { beforeAll, describe, expect, test } from 'vitest'
import {
  CardRemoved,
  CardTransportFailed,
  createVirtualCard,
  scriptMisbehaviour,
  type MisbehaviourScript,
  type MisbehavingCard,
  type VirtualCard,
} from '@sekisho/virtual-card'
import { readBinary, SELECT_JPKI, selectFile, sign, verify } from './commands.ts'
import { issueCredentials, type Credentials } from './issue-credentials.ts'

let credentials: Credentials

beforeAll(async () => {
  credentials = await issueCredentials()
})

const CEREMONY = [SELECT_JPKI, selectFile('0018'), verify('1234'), selectFile('0017'), sign(Buffer.from('digest'))]

function misbehave(script: MisbehaviourScript, wait?: (milliseconds: number) => Promise<unknown>) {
  const card = createVirtualCard(credentials)
  return { card, misbehaving: scriptMisbehaviour(card, script, wait) }
}

async function send(card: MisbehavingCard, ...commands: readonly string[]): Promise<Buffer> {
  let response: Buffer = Buffer.alloc(0)
  for (const command of commands) response = await card.transmit(Buffer.from(command, 'hex'))
  return response
}

function namesSeenBy(card: VirtualCard): string[] {
  return card.log.map(({ name }) => name)
}

test('with an empty script the card is honest', async () => {
  const { misbehaving, card } = misbehave({})
  expect((await send(misbehaving, ...CEREMONY)).subarray(-2).toString('hex')).toBe('9000')
  expect(misbehaving.atr).toEqual(card.atr)
})

describe('attack 27: a card that is pulled out', () => {
  test.each([
    ['before SELECT', { name: 'SELECT' }, 'remove-before', []],
    ['after SELECT', { name: 'SELECT' }, 'remove-after', ['SELECT']],
    ['before VERIFY', { name: 'VERIFY' }, 'remove-before', ['SELECT', 'SELECT']],
    ['after VERIFY', { name: 'VERIFY' }, 'remove-after', ['SELECT', 'SELECT', 'VERIFY']],
    ['before the signature', { name: 'SIGN' }, 'remove-before', ['SELECT', 'SELECT', 'VERIFY', 'SELECT']],
    ['during the signature', { name: 'SIGN' }, 'remove-after', ['SELECT', 'SELECT', 'VERIFY', 'SELECT', 'SIGN']],
    ['at the second command', { nth: 2 }, 'remove-before', ['SELECT']],
    ['at the third SELECT', { name: 'SELECT', nth: 3 }, 'remove-before', ['SELECT', 'SELECT', 'VERIFY']],
  ] as const)('%s', async (_name, when, kind, seen) => {
    const { misbehaving, card } = misbehave({ rules: [{ when, times: 1, do: { kind } }] })
    await expect(send(misbehaving, ...CEREMONY)).rejects.toBeInstanceOf(CardRemoved)
    await expect(send(misbehaving, SELECT_JPKI)).rejects.toBeInstanceOf(CardRemoved)
    expect(misbehaving.present).toBe(false)
    expect(namesSeenBy(card)).toEqual(seen)
    expect(card.triesLeft('authentication')).toBe(3)

    misbehaving.insert()
    expect((await send(misbehaving, SELECT_JPKI, selectFile('0017'), sign(Buffer.of(1)))).toString('hex')).toBe('6982')
    expect((await send(misbehaving, ...CEREMONY)).subarray(-2).toString('hex')).toBe('9000')
  })

  test('by hand while a command waits: the card never sees the command', async () => {
    let pass: (value: unknown) => void = () => {}
    const waiting = new Promise((resolve) => (pass = resolve))
    const { misbehaving, card } = misbehave(
      { rules: [{ when: { name: 'VERIFY' }, do: { kind: 'delay', milliseconds: 10_000 } }] },
      () => waiting,
    )
    const ceremony = send(misbehaving, ...CEREMONY)
    const outcome = expect(ceremony).rejects.toBeInstanceOf(CardRemoved)
    await send(misbehaving, SELECT_JPKI)
    misbehaving.remove()
    pass(undefined)
    await outcome
    expect(namesSeenBy(card)).not.toContain('VERIFY')
  })
})

test.each([
  ['fail-before', 0],
  ['fail-after', 1],
] as const)('%s: the reader fails once, the card stays', async (kind, seen) => {
  const { misbehaving, card } = misbehave({ rules: [{ when: { nth: 1 }, do: { kind } }] })
  await expect(send(misbehaving, SELECT_JPKI)).rejects.toBeInstanceOf(CardTransportFailed)
  expect(card.log).toHaveLength(seen)
  expect(misbehaving.present).toBe(true)
  expect((await send(misbehaving, SELECT_JPKI)).toString('hex')).toBe('9000')
})

test('a wrong PIN whose answer is lost has cost a try', async () => {
  const { misbehaving, card } = misbehave({ rules: [{ when: { name: 'VERIFY' }, do: { kind: 'fail-after' } }] })
  await expect(send(misbehaving, SELECT_JPKI, selectFile('0018'), verify('0000'))).rejects.toThrow()
  expect(card.triesLeft('authentication')).toBe(2)
})

describe('attack 30: a hostile card', () => {
  const reading = [SELECT_JPKI, selectFile('000A'), readBinary(0, 4)]

  test.each([
    ['garbage in a file', { files: { '000A': 'deadbeef' } }, 'deadbeef9000'],
    ['a file cut short', { files: { '000a': '3082' } }, '30829000'],
    ['a length that lies', { files: { '000A': '3084ffffffff' } }, '3084ffff9000'],
    ['an empty file', { files: { '000A': '' } }, '6b00'],
    ['an answer of no bytes', { rules: [{ when: { name: 'READ BINARY' }, do: { kind: 'answer', bytes: '' } }] }, ''],
    [
      'an answer of one byte',
      { rules: [{ when: { name: 'READ BINARY' }, do: { kind: 'answer', bytes: '90' } }] },
      '90',
    ],
    ['a status word', { rules: [{ when: { name: 'READ BINARY' }, do: { kind: 'answer', bytes: '6F00' } }] }, '6f00'],
    ['too few bytes', { rules: [{ when: { name: 'READ BINARY' }, do: { kind: 'shorten', bytes: 3 } }] }, '308203'],
    [
      'more bytes than asked for',
      { rules: [{ when: { name: 'READ BINARY' }, do: { kind: 'lengthen', bytes: 2 } }], files: { '000A': '30820102' } },
      '30820102eeee9000',
    ],
    ['6Cxx with another length', { rules: [{ when: { nth: 3 }, do: { kind: 'endless-wrong-length' } }] }, '6c05'],
  ] satisfies [string, MisbehaviourScript, string][])('%s', async (_name, script, response) => {
    expect((await send(misbehave(script).misbehaving, ...reading)).toString('hex')).toBe(response)
  })

  test('a file taken away', async () => {
    const { misbehaving } = misbehave({ files: { '000A': null } })
    expect((await send(misbehaving, SELECT_JPKI, selectFile('000A'))).toString('hex')).toBe('6a82')
  })

  test('61xx without end', async () => {
    const { misbehaving } = misbehave({ rules: [{ when: { nth: 1 }, do: { kind: 'endless-more-data' } }] })
    expect((await send(misbehaving, SELECT_JPKI)).subarray(-2).toString('hex')).toBe('6100')
    for (let turn = 0; turn < 1000; turn++) {
      const response = await send(misbehaving, '00C0000000')
      expect(response).toHaveLength(258)
      expect(response.subarray(-2).toString('hex')).toBe('6100')
    }
    expect((await send(misbehaving, SELECT_JPKI)).toString('hex')).toBe('9000')
    expect((await send(misbehaving, '00C0000000')).toString('hex')).toBe('6d00')
  })

  test('6Cxx without end', async () => {
    const { misbehaving } = misbehave({ rules: [{ do: { kind: 'endless-wrong-length' } }] })
    for (let length = 0; length < 256; length++) {
      const response = await send(misbehaving, readBinary(0, length))
      expect(response[0]).toBe(0x6c)
      expect(response[1]).not.toBe(length)
    }
  })

  test('noise: never 9000, the same for the same seed', async () => {
    const script = { rules: [{ do: { kind: 'noise', seed: 7 } }] } as const
    const first = misbehave(script).misbehaving
    const second = misbehave(script).misbehaving
    const heard = new Set<string>()
    for (let turn = 0; turn < 200; turn++) {
      const response = await send(first, SELECT_JPKI)
      expect(await send(second, SELECT_JPKI)).toEqual(response)
      expect(response).toHaveLength(2)
      heard.add(response.toString('hex'))
    }
    expect(heard).not.toContain('9000')
    expect(heard.size).toBeGreaterThan(100)
  })

  test.each([
    [true, ['SELECT']],
    [false, []],
  ])('an answer made up while the command is executed: %s', async (executed, seen) => {
    const { misbehaving, card } = misbehave({ rules: [{ do: { kind: 'answer', bytes: '6581', executed } }] })
    expect((await send(misbehaving, SELECT_JPKI)).toString('hex')).toBe('6581')
    expect(namesSeenBy(card)).toEqual(seen)
  })

  test.each([{ files: { '00A': '00' } }, { files: { '000A': '0' } }, { files: { '000A': 'xx' } }])(
    'a malformed script is refused: %j',
    (script) => {
      expect(() => misbehave(script)).toThrow(RangeError)
    },
  )
})

test('data in pieces by 61xx and GET RESPONSE adds up to the answer', async () => {
  const { misbehaving } = misbehave({ rules: [{ when: { name: 'READ BINARY' }, do: { kind: 'split', bytes: 100 } }] })
  const pieces = [await send(misbehaving, SELECT_JPKI, selectFile('000A'), readBinary(0, 0))]
  while (pieces.at(-1)?.at(-2) === 0x61) {
    const available = pieces.at(-1)?.at(-1) ?? 0
    pieces.push(await send(misbehaving, `00C00000${Buffer.of(available).toString('hex')}`))
  }
  expect(pieces.map((piece) => piece.subarray(-2).toString('hex'))).toEqual(['6164', '6138', '9000'])
  const data = Buffer.concat(pieces.map((piece) => piece.subarray(0, -2)))
  expect(data).toEqual(Buffer.from(credentials.authentication.certificateDer).subarray(0, 256))
})

test('a refusal is not split', async () => {
  const { misbehaving } = misbehave({ rules: [{ do: { kind: 'split', bytes: 1 } }] })
  expect((await send(misbehaving, readBinary(0, 0))).toString('hex')).toBe('6986')
})

describe('rules', () => {
  const status = (bytes: string) => ({ kind: 'answer', bytes }) as const

  async function answers(script: MisbehaviourScript, count: number): Promise<string[]> {
    const { misbehaving } = misbehave(script)
    const all: string[] = []
    for (let turn = 0; turn < count; turn++) all.push((await send(misbehaving, SELECT_JPKI)).toString('hex'))
    return all
  }

  test.each<[string, MisbehaviourScript, string[]]>([
    ['always, when they name no number', { rules: [{ do: status('6F00') }] }, ['6f00', '6f00', '6f00', '6f00']],
    ['once at the n-th', { rules: [{ when: { nth: 2 }, do: status('6F00') }] }, ['9000', '6f00', '9000', '9000']],
    [
      'so many times from the n-th on',
      { rules: [{ when: { nth: 2 }, times: 2, do: status('6F00') }] },
      ['9000', '6f00', '6f00', '9000'],
    ],
    ['the first so many times', { rules: [{ times: 2, do: status('6F00') }] }, ['6f00', '6f00', '9000', '9000']],
    [
      'not at other commands',
      { rules: [{ when: { name: 'SIGN' }, do: status('6F00') }] },
      ['9000', '9000', '9000', '9000'],
    ],
    [
      'the first that applies decides',
      {
        rules: [
          { when: { nth: 2 }, do: status('6F01') },
          { times: 3, do: status('6F02') },
        ],
      },
      ['6f02', '6f01', '6f02', '6f02'],
    ],
  ])('apply %s', async (_name, script, expected) => {
    expect(await answers(script, 4)).toEqual(expected)
  })

  test('delays add up in front of what happens then', async () => {
    const waited: number[] = []
    const { misbehaving } = misbehave(
      {
        rules: [
          { do: { kind: 'delay', milliseconds: 10_000 } },
          { when: { nth: 1 }, do: { kind: 'delay', milliseconds: 5 } },
          { when: { nth: 1 }, do: status('6F00') },
        ],
      },
      (milliseconds) => Promise.resolve(waited.push(milliseconds)),
    )
    expect((await send(misbehaving, SELECT_JPKI)).toString('hex')).toBe('6f00')
    expect((await send(misbehaving, SELECT_JPKI)).toString('hex')).toBe('9000')
    expect(waited).toEqual([10_000, 5, 10_000])
  })

  test('another script starts counting anew', async () => {
    const { misbehaving } = misbehave({ rules: [{ do: status('6F00') }] })
    await send(misbehaving, SELECT_JPKI)
    misbehaving.follow({ rules: [{ when: { nth: 2 }, do: status('6F01') }] })
    expect((await send(misbehaving, SELECT_JPKI)).toString('hex')).toBe('9000')
    expect((await send(misbehaving, SELECT_JPKI)).toString('hex')).toBe('6f01')
    misbehaving.follow({})
    expect((await send(misbehaving, SELECT_JPKI)).toString('hex')).toBe('9000')
  })
})

test('a reset reaches the card', async () => {
  const { misbehaving } = misbehave({})
  await send(misbehaving, SELECT_JPKI)
  misbehaving.reset()
  expect((await send(misbehaving, selectFile('000A'))).toString('hex')).toBe('6a82')
})
