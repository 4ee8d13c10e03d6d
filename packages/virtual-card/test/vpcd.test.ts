import { createServer, type Server, type Socket } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { CardRemoved, connectToVpcd, type InsertableCard, type VpcdConnection } from '@sekisho/virtual-card'
import { pollUntil } from '../../../test/support/poll-until.ts'

/** The reader's side of the socket, played by the test: what vpcd sends byte for byte (vsmartcard, `vpcd.c`). */
let server: Server
let reader: Socket | undefined
let connections: number
let received: Buffer
let connection: VpcdConnection | undefined
let resets: number
let card: InsertableCard

const ATR = Buffer.from('3be000ff8131fe4514', 'hex')
const POWER_OFF = '000100'
const POWER_ON = '000101'
const RESET = '000102'
const GET_ATR = '000104'

beforeEach(async () => {
  received = Buffer.alloc(0)
  connections = 0
  resets = 0
  card = {
    atr: ATR,
    transmit: (apdu) => Buffer.concat([apdu, Buffer.of(0x90, 0x00)]),
    reset: () => {
      resets += 1
    },
  }
  server = createServer((socket) => {
    connections += 1
    reader = socket
    socket.on('data', (bytes) => (received = Buffer.concat([received, bytes])))
    socket.on('error', () => {})
    socket.on('end', () => socket.destroy())
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      resolve()
    })
  })
})

afterEach(async () => {
  await connection?.close()
  connection = undefined
  reader?.destroy()
  await new Promise((resolve) => server.close(resolve))
})

function port(): number {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

function write(hex: string): void {
  reader?.write(Buffer.from(hex, 'hex'))
}

function until(probe: () => boolean): Promise<true> {
  return pollUntil(probe)
}

/** Looks for the card, powers it and looks again, as pcscd does. */
async function noticeCard(count = 1): Promise<void> {
  await until(() => connections === count)
  write(GET_ATR + GET_ATR + POWER_ON + GET_ATR + GET_ATR)
}

async function insertCard(): Promise<void> {
  const connecting = connectToVpcd({ host: '127.0.0.1', port: port(), card })
  await noticeCard()
  connection = await connecting
  await until(() => received.length === 4 * 11)
  received = Buffer.alloc(0)
}

test('nothing listens there: an error, at once', async () => {
  const free = port()
  await new Promise((resolve) => server.close(resolve))
  await expect(connectToVpcd({ host: '127.0.0.1', port: free, card })).rejects.toThrow('ECONNREFUSED')
  server.listen(0, '127.0.0.1')
})

test('the reader goes away before it powered the card: an error', async () => {
  const connecting = connectToVpcd({ host: '127.0.0.1', port: port(), card })
  const outcome = expect(connecting).rejects.toThrow('went away')
  await until(() => connections === 1)
  write(GET_ATR)
  reader?.end()
  await outcome
})

test.each([
  ['polls it for ever', GET_ATR.repeat(4)],
  ['sends it a command', '000400b00001'],
])(
  'a reader that takes the card for the one before, and %s without power: it is put in anew',
  async (_name, message) => {
    const connecting = connectToVpcd({ host: '127.0.0.1', port: port(), card })
    await until(() => connections === 1)
    write(GET_ATR)
    await until(() => received.length === 11)
    const first = reader
    write(message)
    await noticeCard(2)
    connection = await connecting
    expect(first?.destroyed).toBe(true)
    expect(connection.inserted).toBe(true)
    expect(connections).toBe(2)
  },
)

test('the ATR is answered, power and reset are not, and each of them ends the session on the card', async () => {
  await insertCard()
  const before = resets
  write(POWER_OFF + POWER_ON + RESET + GET_ATR)
  await until(() => received.length > 0)
  expect(received.toString('hex')).toBe(`0009${ATR.toString('hex')}`)
  expect(resets - before).toBe(3)
})

test('an unknown control byte is taken as the end of the session, not as a command', async () => {
  await insertCard()
  write(`000109${GET_ATR}`)
  await until(() => received.length > 0)
  expect(received.toString('hex')).toBe(`0009${ATR.toString('hex')}`)
})

test('commands in pieces and commands in one piece are answered one by one, in order', async () => {
  await insertCard()
  write('00')
  write('0400b0')
  write('0001000400b000020005')
  write('00b0000300')
  await until(() => received.length === 6 + 2 + 6 + 2 + 7 + 2)
  expect(received.toString('hex')).toBe('000600b000019000' + '000600b000029000' + '000700b00003009000')
})

test('a slow card keeps the order', async () => {
  let pass: () => void = () => {}
  const first = new Promise<void>((resolve) => (pass = resolve))
  card = {
    ...card,
    transmit: async (apdu) => {
      if (apdu[3] === 1) await first
      return Buffer.from(apdu)
    },
  }
  await insertCard()
  write('000400b00001' + '000400b00002')
  pass()
  await until(() => received.length === 12)
  expect(received.toString('hex')).toBe('000400b00001' + '000400b00002')
})

test('attack 27: a card that throws drops out of the reader, and can be put in again', async () => {
  let removed = true
  card = {
    ...card,
    transmit: (apdu) => {
      if (removed) throw new CardRemoved()
      return Buffer.from(apdu)
    },
  }
  await insertCard()
  write('000400b00001')
  await until(() => reader?.destroyed === true)
  await until(() => connection?.inserted === false)
  expect(received).toHaveLength(0)

  removed = false
  const inserting = connection?.insert()
  await noticeCard(2)
  await inserting
  expect(connection?.inserted).toBe(true)
})

test('remove resolves when the reader has closed its end, and resets the card', async () => {
  await insertCard()
  const before = resets
  await connection?.remove()
  expect(connection?.inserted).toBe(false)
  expect(reader?.destroyed).toBe(true)
  expect(resets).toBeGreaterThan(before)
  await connection?.remove()
  expect(connections).toBe(1)
})

test('attack 27: the end of the reader is seen, and insert brings the card back', async () => {
  await insertCard()
  await connection?.insert() // it is in: nothing happens
  expect(connections).toBe(1)
  reader?.destroy()
  await until(() => connection?.inserted === false)
  const inserting = connection?.insert()
  await noticeCard(2)
  await inserting
  expect(connection?.inserted).toBe(true)
})
