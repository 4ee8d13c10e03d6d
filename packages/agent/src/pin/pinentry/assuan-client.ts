import type { Readable, Writable } from 'node:stream'
import { allocateSecret } from '../allocate-secret.ts'
import { MAX_LINE_BYTES } from './assuan-text.ts'

export type AssuanReply =
  /** `data` is memory of its own, for the caller to zero; empty when there was no data line. */
  | { readonly outcome: 'ok'; readonly data: Buffer }
  /** The lower 16 bits of the error code: what happened, without who says so (libgpg-error). */
  | { readonly outcome: 'error'; readonly code: number }
  /** Not Assuan, or not any more. */
  | { readonly outcome: 'broken'; readonly detail: string }

export interface AssuanClient {
  /** Sends one command, waits for its OK or ERR. One at a time. */
  send(command: string): Promise<AssuanReply>
  /** Waits for the server's greeting. */
  greeting(): Promise<AssuanReply>
  /** Whatever is waited for ends as 'broken'. */
  fail(detail: string): void
}

/** A data line of a PIN has four bytes; a password of somebody's imagination is no PIN either. */
const MAX_DATA_BYTES = 64
const LINE_FEED = 0x0a

/**
 * The client's side of the Assuan protocol (libassuan manual, "Protocol"), as far as a pinentry speaks it: OK, ERR, D, S and
 * comments. What came in is zeroed once it is used up: a data line is a PIN.
 */
export function createAssuanClient(input: Readable, output: Writable): AssuanClient {
  const pending = allocateSecret(MAX_LINE_BYTES)
  const data = allocateSecret(MAX_DATA_BYTES)
  let length = 0
  let dataLength = 0
  let broken: AssuanReply | undefined
  const replies: AssuanReply[] = []
  let wake: (() => void) | undefined

  function finish(reply: AssuanReply): void {
    data.fill(0)
    dataLength = 0
    replies.push(reply)
    wake?.()
  }

  function fail(detail: string): void {
    if (broken !== undefined) return
    broken = { outcome: 'broken', detail }
    pending.fill(0)
    finish(broken)
  }

  function takeLine(line: Buffer): void {
    // `D `: what a person typed stays bytes. Only other lines become text.
    if (line[0] === 0x44 && line[1] === 0x20) {
      const bytes = line.subarray(2)
      if (dataLength + bytes.length > MAX_DATA_BYTES) fail('too much data')
      else dataLength += bytes.copy(data, dataLength)
      return
    }
    const word = line.subarray(0, 4).toString('latin1').split(' ')[0]
    if (word === 'OK') {
      const answer = allocateSecret(dataLength)
      data.copy(answer, 0, 0, dataLength)
      finish({ outcome: 'ok', data: answer })
    } else if (word === 'ERR') {
      const [, number = ''] = line.toString('latin1').split(' ')
      finish({ outcome: 'error', code: Number.parseInt(number, 10) & 0xffff })
    } else if (word !== 'S' && line[0] !== 0x23 && line.length > 0) fail('a line that is not Assuan')
  }

  input.on('data', (chunk: Buffer) => {
    for (const byte of chunk) {
      if (broken !== undefined) break
      if (byte === LINE_FEED) {
        takeLine(pending.subarray(0, length))
        pending.fill(0, 0, length)
        length = 0
      } else if (length === MAX_LINE_BYTES) fail('a line without end')
      else pending[length++] = byte
    }
    chunk.fill(0)
  })
  input.on('end', () => {
    fail('ended')
  })
  output.on('error', () => {
    fail('ended')
  })

  async function reply(): Promise<AssuanReply> {
    for (;;) {
      const next = replies.shift() ?? broken
      if (next !== undefined) return next
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
  }

  return {
    async send(command) {
      if (broken !== undefined) return broken
      const line = Buffer.from(`${command}\n`)
      if (line.length > MAX_LINE_BYTES) return { outcome: 'broken', detail: 'a command too long' }
      output.write(line)
      return reply()
    },
    greeting: reply,
    fail,
  }
}
