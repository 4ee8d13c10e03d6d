import type { ReadStream } from 'node:tty'
import { allocateSecret } from './allocate-secret.ts'
import { PIN_DIGITS, parsePin } from './parse-pin.ts'
import type { PinAnswer } from './pin-entry.ts'

const KEY = {
  ctrlC: 0x03,
  ctrlD: 0x04,
  backspace: 0x08,
  enter: 0x0d,
  lineFeed: 0x0a,
  ctrlU: 0x15,
  escape: 0x1b,
  erase: 0x7f,
}

/**
 * Reads four digits from a terminal in raw mode: nothing is echoed, not even how many were typed. Whatever came in is zeroed, and the
 * terminal is as it was on every way out.
 *
 * @param show.prompt when the terminal is ready: what is typed before that would be echoed
 * @param show.refuse says that a key has no meaning here
 */
export function readHiddenDigits(
  input: ReadStream,
  signal: AbortSignal,
  { prompt, refuse }: { prompt: () => void; refuse: () => void },
): Promise<PinAnswer> {
  const typed = allocateSecret(PIN_DIGITS)
  let length = 0
  let tooMany = false

  function clear(): void {
    typed.fill(0)
    length = 0
    tooMany = false
  }

  function take(key: number): PinAnswer | undefined {
    switch (key) {
      case KEY.ctrlC:
      case KEY.ctrlD:
      case KEY.escape:
        return { outcome: 'cancelled' }
      case KEY.enter:
      case KEY.lineFeed: {
        const pin = tooMany ? undefined : parsePin(typed.subarray(0, length))
        return pin === undefined ? { outcome: 'malformed' } : { outcome: 'entered', pin }
      }
      case KEY.ctrlU:
        clear()
        return undefined
      case KEY.backspace:
      case KEY.erase:
        // What was too much is not remembered: whoever erases after that begins again.
        if (tooMany) clear()
        length = Math.max(length - 1, 0)
        typed[length] = 0
        return undefined
    }
    if (key < 0x30 || key > 0x39) refuse()
    else if (length === PIN_DIGITS) tooMany = true
    else typed[length++] = key
    return undefined
  }

  return new Promise((resolve) => {
    const finish = (answer: PinAnswer) => {
      input.off('data', onData).off('end', onEnd)
      signal.removeEventListener('abort', onEnd)
      process.off('exit', restore)
      restore()
      input.pause()
      clear()
      resolve(answer)
    }
    const onData = (chunk: Buffer) => {
      let answer: PinAnswer | undefined
      for (let at = 0; at < chunk.length && answer === undefined; at += 1) {
        const end = endOfSequence(chunk, at)
        if (end === undefined) answer = take(chunk[at] ?? 0)
        else {
          refuse()
          at = end
        }
      }
      chunk.fill(0)
      if (answer !== undefined) finish(answer)
    }
    const onEnd = () => {
      finish({ outcome: 'cancelled' })
    }
    const restore = () => {
      input.setRawMode(false)
    }
    if (signal.aborted) {
      resolve({ outcome: 'cancelled' })
      return
    }
    process.once('exit', restore)
    signal.addEventListener('abort', onEnd, { once: true })
    input.setRawMode(true)
    prompt()
    input.on('data', onData).once('end', onEnd).resume()
  })
}

/** An arrow or function key: ESC [ … and a letter or `~`, or ESC O and a letter, in one piece (ECMA-48 §5.4). ESC alone is a key. */
function endOfSequence(chunk: Buffer, start: number): number | undefined {
  if (chunk[start] !== KEY.escape || (chunk[start + 1] !== 0x5b && chunk[start + 1] !== 0x4f)) return undefined
  let end = start + 2
  while (end < chunk.length - 1 && (chunk[end] ?? 0) < 0x40) end += 1
  return end
}
