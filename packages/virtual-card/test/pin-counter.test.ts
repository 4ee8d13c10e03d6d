import { beforeAll, describe, expect, test } from 'vitest'
import { createVirtualCard } from '@sekisho/virtual-card'
import { RETRY_QUERY, SELECT_JPKI, selectFile, send, sign, verify } from './commands.ts'
import { issueCredentials, type Credentials } from './issue-credentials.ts'

let credentials: Credentials

beforeAll(async () => {
  credentials = await issueCredentials()
})

const SLOTS = [
  { slot: 'authentication', pinFile: '0018', keyFile: '0017', right: '1234', wrong: '9999', tries: 3 },
  { slot: 'signature', pinFile: '001B', keyFile: '001A', right: 'SEKISHO1', wrong: 'WRONG1', tries: 5 },
] as const

describe.each(SLOTS)('the $slot PIN', ({ slot, pinFile, keyFile, right, wrong, tries }) => {
  const selectPin = [SELECT_JPKI, selectFile(pinFile)]

  test.each(['6983', '6984'] as const)('locks for good after its last try, then answers %s', (lockedStatus) => {
    const card = createVirtualCard({ ...credentials, lockedStatus })
    const statuses = Array.from({ length: tries }, () => send(card, ...selectPin, verify(wrong)))
    expect(statuses).toEqual(Array.from({ length: tries }, (_, index) => `63C${String(tries - 1 - index)}`))
    expect(send(card, verify(right))).toBe(lockedStatus)
    card.reset()
    expect(send(card, ...selectPin, verify(right))).toBe(lockedStatus)
    expect(send(card, RETRY_QUERY)).toBe('63C0')
    expect(send(card, selectFile(keyFile), sign(Buffer.of(1)))).toBe('6982')
    expect(card.triesLeft(slot)).toBe(0)
  })

  test('gets its tries back by the right value, not by a reset, a selection or time', () => {
    const card = createVirtualCard(credentials)
    send(card, ...selectPin, verify(wrong))
    card.reset()
    expect(send(card, ...selectPin, RETRY_QUERY)).toBe(`63C${String(tries - 1)}`)
    expect(send(card, verify(right), RETRY_QUERY)).toBe(`63C${String(tries)}`)
  })

  test('is not spent by asking', () => {
    const card = createVirtualCard(credentials)
    for (let turn = 0; turn < 20; turn++) send(card, ...selectPin, RETRY_QUERY, `${RETRY_QUERY}00`)
    expect(card.triesLeft(slot)).toBe(tries)
  })

  test('counts apart from the other one', () => {
    const card = createVirtualCard(credentials)
    for (let turn = 0; turn < tries; turn++) send(card, ...selectPin, verify(wrong))
    const other = slot === 'authentication' ? 'signature' : 'authentication'
    expect(card.triesLeft(other)).toBe(other === 'authentication' ? 3 : 5)
  })

  test('can start with one try, or none', () => {
    const oneLeft = createVirtualCard({ ...credentials, [slot]: { ...credentials[slot], triesLeft: 1 } })
    expect(send(oneLeft, ...selectPin, RETRY_QUERY)).toBe('63C1')
    expect(send(oneLeft, verify(wrong))).toBe('63C0')
    const locked = createVirtualCard({ ...credentials, [slot]: { ...credentials[slot], triesLeft: 0 } })
    expect(send(locked, ...selectPin, verify(right))).toBe('6983')
  })

  test.each([-1, tries + 1, 1.5])('cannot start with %s tries', (triesLeft) => {
    expect(() => createVirtualCard({ ...credentials, [slot]: { ...credentials[slot], triesLeft } })).toThrow(RangeError)
  })

  test.each(['', '12', '１２３４', 'lowercase', 'A'.repeat(17)])('cannot be "%s"', (pin) => {
    expect(() => createVirtualCard({ ...credentials, [slot]: { ...credentials[slot], pin } })).toThrow(RangeError)
  })
})

describe('the command log', () => {
  test.each([
    ['right', verify('1234'), '9000'],
    ['wrong', verify('8765'), '63C2'],
    ['with Le', `${verify('8765')}00`, '6700'],
    ['with a wrong length', '00200080FF38373635', '6700'],
    ['with another class', verify('8765').replace(/^00/, '0C'), '6E00'],
    ['in a CHANGE REFERENCE DATA', '002401800438373635', '6D00'],
  ])('attack 28: holds no PIN: %s', (_name, command, status) => {
    const card = createVirtualCard(credentials)
    send(card, SELECT_JPKI, selectFile('0018'), command)
    const record = card.log.at(-1)
    expect(record?.command).toBe(`${command.slice(0, 8)}****`)
    expect(record?.status).toBe(status)
    expect(JSON.stringify(card.log)).not.toMatch(/31323334|38373635|1234|8765/)
  })

  test('holds every command with its status, and no answer data', () => {
    const card = createVirtualCard(credentials)
    send(card, SELECT_JPKI, selectFile('0018'), RETRY_QUERY, `${RETRY_QUERY}00`, selectFile('000A'), '00B0000004')
    expect(card.log).toEqual([
      { name: 'SELECT', command: SELECT_JPKI, status: '9000' },
      { name: 'SELECT', command: '00A4020C020018', status: '9000' },
      { name: 'VERIFY', command: '00200080', status: '63C3' },
      { name: 'VERIFY', command: '0020008000', status: '63C3' },
      { name: 'SELECT', command: '00A4020C02000A', status: '9000' },
      { name: 'READ BINARY', command: '00B0000004', status: '9000' },
    ])
  })
})
