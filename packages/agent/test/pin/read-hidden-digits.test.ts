import { PassThrough } from 'node:stream'
import type { ReadStream } from 'node:tty'
import { describe, expect, test } from 'vitest'
import { readHiddenDigits } from '../../src/pin/read-hidden-digits.ts'

/** A terminal that says how it was set, and whether what came from it was wiped. */
function terminal() {
  const stream = new PassThrough()
  const modes: boolean[] = []
  const pieces: Buffer[] = []
  const input = Object.assign(stream, { setRawMode: (raw: boolean) => modes.push(raw) }) as unknown as ReadStream
  const type = (keys: string) => {
    const piece = Buffer.from(keys, 'latin1')
    pieces.push(piece)
    stream.write(piece)
  }
  return { input, stream, modes, pieces, type }
}

function read(keys: readonly string[], signal = new AbortController().signal) {
  const stage = terminal()
  let bells = 0
  const answer = readHiddenDigits(stage.input, signal, {
    prompt: () => undefined,
    refuse: () => (bells += 1),
  })
  for (const key of keys) stage.type(key)
  return { ...stage, answer, bells: () => bells }
}

const ENTERED = (pin: string) => ({ outcome: 'entered', pin: Buffer.from(pin) })

describe('digits at a terminal', () => {
  test.each<[string, string[], unknown]>([
    ['four digits and Enter', ['7', '2', '9', '4', '\r'], ENTERED('7294')],
    ['in one piece, with a line feed', ['7294\n'], ENTERED('7294')],
    ['what comes after Enter is not part of it', ['7294\r123'], ENTERED('7294')],
    ['erased and typed anew', ['71\u007f29\b94\r'], ENTERED('7294')],
    ['Ctrl-U begins again', ['99\u00157294\r'], ENTERED('7294')],
    ['letters, signs and umlauts are not typed', ['a7ä2-9 4\r'], ENTERED('7294')],
    ['an arrow key in between', ['72\u001b[A94\r'], ENTERED('7294')],
    ['a function key with numbers in it', ['72\u001b[15~94\r'], ENTERED('7294')],
    ['three digits', ['729\r'], { outcome: 'malformed' }],
    ['five digits', ['72941\r'], { outcome: 'malformed' }],
    ['five digits, one erased: begun again, so none', ['72941\u007f\r'], { outcome: 'malformed' }],
    ['nothing', ['\r'], { outcome: 'malformed' }],
    ['Ctrl-C', ['72\u0003'], { outcome: 'cancelled' }],
    ['Ctrl-D', ['72\u0004'], { outcome: 'cancelled' }],
    ['Escape', ['72', '\u001b'], { outcome: 'cancelled' }],
  ])('%s', async (_what, keys, expected) => {
    const { answer, modes, pieces } = read(keys)
    expect(await answer).toEqual(expected)
    // Raw while it reads, as before afterwards; and nothing that was typed stays.
    expect(modes).toEqual([true, false])
    for (const piece of pieces) expect(piece.every((byte) => byte === 0)).toBe(true)
  })

  test('a key without a meaning is told', async () => {
    const { answer, bells } = read(['ab\u001b[A7294\r'])
    await answer
    expect(bells()).toBe(3)
  })

  test('the end of the terminal, and a question that is called off', async () => {
    const ended = read(['72'])
    ended.stream.end()
    expect(await ended.answer).toEqual({ outcome: 'cancelled' })
    const calling = new AbortController()
    const off = read(['72'], calling.signal)
    calling.abort()
    expect(await off.answer).toEqual({ outcome: 'cancelled' })
    expect(off.modes).toEqual([true, false])
    expect(await read([], AbortSignal.abort()).answer).toEqual({ outcome: 'cancelled' })
  })
})
