import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createAssuanClient } from '../../src/pin/pinentry/assuan-client.ts'
import { toAssuanText } from '../../src/pin/pinentry/assuan-text.ts'
import { createPinentry } from '../../src/pin/pinentry/create-pinentry.ts'
import { wrapText } from '../../src/pin/pinentry/wrap-text.ts'
import type { PinQuestion } from '../../src/pin/pin-entry.ts'
import { FAKE_PINENTRY } from '../support/fake-pinentry.ts'

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'pinentry-'))
})
afterEach(async () => {
  await rm(directory, { recursive: true })
})

const QUESTION: PinQuestion = {
  relyingParty: { name: '海辺の本屋', origin: 'https://shop.example' },
  provider: 'https://op.example',
  readerName: 'SCR 3310',
  kind: 'card',
  triesLeft: 3,
  wrongBefore: false,
  locale: 'ja',
}
const log = () => join(directory, 'log')
const never = new AbortController().signal

function pinentry(script: unknown, { program = FAKE_PINENTRY, waitMs = 5_000 } = {}) {
  return createPinentry({
    program,
    ttyName: '/dev/pts/9',
    waitMs,
    environment: {
      PATH: process.env['PATH'],
      TERM: 'xterm',
      LANG: 'C.UTF-8',
      FAKE_PINENTRY: JSON.stringify(script),
      FAKE_PINENTRY_LOG: log(),
    },
  })
}

describe('what a pinentry can answer', () => {
  test.each<[string, unknown, unknown]>([
    ['a PIN', {}, { outcome: 'entered', pin: Buffer.from('7294') }],
    ['a PIN in two data lines', { getpin: ['D 72', 'D 94', 'OK'] }, { outcome: 'entered', pin: Buffer.from('7294') }],
    [
      'status lines and comments around it',
      { getpin: ['# hi', 'S PIN_REPEATED', 'D 7294', 'OK'] },
      { outcome: 'entered', pin: Buffer.from('7294') },
    ],
    ['five digits', { getpin: ['D 72941', 'OK'] }, { outcome: 'malformed' }],
    ['letters', { getpin: ['D abcd', 'OK'] }, { outcome: 'malformed' }],
    ['an escaped sign', { getpin: ['D %25294', 'OK'] }, { outcome: 'malformed' }],
    ['nothing', { getpin: ['OK'] }, { outcome: 'malformed' }],
    ['cancel', { getpin: ['ERR 83886179 Operation cancelled <Pinentry>'] }, { outcome: 'cancelled' }],
    ['cancel for good', { getpin: ['ERR 83886278 Fully cancelled <Pinentry>'] }, { outcome: 'cancelled' }],
    ['its time is over', { getpin: ['ERR 83886142 Timeout <Pinentry>'] }, { outcome: 'timed-out' }],
    [
      'no terminal',
      { getpin: ['ERR 83886163 Inappropriate ioctl <Pinentry>'] },
      { outcome: 'unavailable', detail: 'error 83' },
    ],
    ['ERR without a number', { getpin: ['ERR'] }, { outcome: 'unavailable', detail: 'error 0' }],
    ['its end', { getpin: 'exit' }, { outcome: 'unavailable', detail: 'ended' }],
    ['its end before a word', { greeting: 'exit' }, { outcome: 'unavailable', detail: 'ended' }],
    ['no Assuan', { greeting: 'HTTP/1.1 200 OK' }, { outcome: 'unavailable', detail: 'a line that is not Assuan' }],
    ['an inquiry', { getpin: ['INQUIRE QUALITY'] }, { outcome: 'unavailable', detail: 'a line that is not Assuan' }],
    [
      'a line without end',
      { getpin: [`D ${'7'.repeat(5000)}\n`] },
      { outcome: 'unavailable', detail: 'a line without end' },
    ],
    ['too much data', { getpin: [`D ${'7'.repeat(90)}`, 'OK'] }, { outcome: 'unavailable', detail: 'too much data' }],
    ['that it will not say who asks', { refuse: 'SETDESC' }, { outcome: 'unavailable', detail: 'SETDESC refused' }],
  ])('%s', async (_what, script, expected) => {
    expect(await pinentry(script).ask(QUESTION, never)).toEqual(expected)
  })

  test('options it does not know do not matter', async () => {
    expect(await pinentry({ refuse: 'OPTION' }).ask(QUESTION, never)).toMatchObject({ outcome: 'entered' })
  })

  test('a program that is not there', async () => {
    const missing = pinentry({}, { program: join(directory, 'nothing') })
    expect((await missing.ask(QUESTION, never)).outcome).toBe('unavailable')
  })

  test('a program that may not be run', async () => {
    await writeFile(join(directory, 'plain'), '', { mode: 0o600 })
    const answer = await pinentry({}, { program: join(directory, 'plain') }).ask(QUESTION, never)
    expect(answer.outcome).toBe('unavailable')
  })

  test.each(['silence'])('called off while the window stands: %s', async (getpin) => {
    const calling = new AbortController()
    const answer = pinentry({ getpin }).ask(QUESTION, calling.signal)
    await expect.poll(async () => readFile(log(), 'utf8').catch(() => '')).toContain('GETPIN')
    calling.abort()
    expect(await answer).toEqual({ outcome: 'cancelled' })
    expect(await pinentry({}).ask(QUESTION, AbortSignal.abort())).toEqual({ outcome: 'cancelled' })
  })
})

describe('what a pinentry is told', () => {
  test('who asks, through whom, how many tries; the terminal; and nothing that could be kept', async () => {
    await pinentry({}).ask({ ...QUESTION, wrongBefore: true, triesLeft: 2 }, never)
    const told = (await readFile(log(), 'utf8')).split('\n')
    const description = told.find((line) => line.startsWith('SETDESC')) ?? ''
    for (const part of ['海辺の本屋', 'https://shop.example', 'https://op.example', 'SCR 3310', 'あと2回']) {
      expect(description).toContain(part)
    }
    expect(told).toContain('OPTION ttyname=/dev/pts/9')
    expect(told).toContain('SETTIMEOUT 5')
    expect(told).toContain('SETERROR 暗証番号が違います。')
    expect(told.join('\n')).not.toMatch(/SETKEYINFO|allow-external-password-cache|SETREPEAT/)
  })

  test('what a site calls itself is text: no second command, no markup', async () => {
    const name = 'a\nGETPIN\r<b>100%</b>&amp;'
    await pinentry({}).ask({ ...QUESTION, relyingParty: { ...QUESTION.relyingParty, name } }, never)
    const told = (await readFile(log(), 'utf8')).split('\n')
    expect(told.filter((line) => line === 'GETPIN')).toHaveLength(1)
    expect(told.find((line) => line.startsWith('SETDESC'))).not.toMatch(/[<&]/)
  })

  test('long names and addresses fit into a line', async () => {
    const long = `https://${'a'.repeat(240)}.example`
    const question = { ...QUESTION, relyingParty: { name: '海'.repeat(120), origin: long }, provider: long }
    expect(await pinentry({}).ask(question, never)).toMatchObject({ outcome: 'entered' })
  })
})

describe('the question before the last try', () => {
  test.each<[string, unknown, boolean]>([
    ['Enter, which is "stop"', { confirm: ['OK'] }, false],
    ['the other button', { confirm: ['ERR 83886194 Not confirmed <Pinentry>'] }, true],
    ['cancel', { confirm: ['ERR 83886179 Operation cancelled <Pinentry>'] }, false],
    ['no answer in time', { confirm: ['ERR 83886142 Timeout <Pinentry>'] }, false],
    ['its end', { confirm: 'exit' }, false],
    ['nonsense', { confirm: ['yes'] }, false],
  ])('%s: %#', async (_what, script, goesOn) => {
    expect(await pinentry(script).confirmLastTry({ ...QUESTION, triesLeft: 1 }, never)).toBe(goesOn)
  })
})

describe('the parts', () => {
  test('what came in is zeroed once it is used up', async () => {
    const input = new PassThrough()
    const client = createAssuanClient(input, new PassThrough())
    const pieces = [Buffer.from('OK hello\nD 72'), Buffer.from('94\nOK\n')]
    for (const piece of pieces) input.write(piece)
    expect((await client.greeting()).outcome).toBe('ok')
    expect(await client.send('GETPIN')).toEqual({ outcome: 'ok', data: Buffer.from('7294') })
    for (const piece of pieces) expect(piece.every((byte) => byte === 0)).toBe(true)
  })

  test.each([
    ['a%b', 'a%25b'],
    ['a\r\nb\t', 'a%0D%0Ab%09'],
    ['海 <i>&', '海 ‹i>＆'],
  ])('%j as Assuan text', (text, escaped) => {
    expect(toAssuanText(text)).toBe(escaped)
  })

  test.each([
    ['one two three', 8, 'one two\nthree'],
    ['海辺の本屋です', 6, '海辺の\n本屋で\nす'],
    ['https://a-very-long-address.example', 10, 'https://a-\nvery-long-\naddress.ex\nample'],
    ['short\nlines', 10, 'short\nlines'],
  ])('%j in %i columns', (text, columns, wrapped) => {
    expect(wrapText(text, columns)).toBe(wrapped)
  })
})
