import type { Readable } from 'node:stream'
import { OutboundFault } from './outbound-fault.ts'

const FIRST_CAPACITY = 64 * 1024

/**
 * A body, up to a limit; past it the connection is given up at once. Grows one buffer by doubling, so that a large body is never held
 * in pieces and as a whole at the same time for longer than one copy takes.
 *
 * @throws OutboundFault('answer-too-large')
 */
export async function readBounded(body: Readable, maxBytes: number, host: string): Promise<Uint8Array<ArrayBuffer>> {
  let octets = new Uint8Array(Math.min(FIRST_CAPACITY, maxBytes))
  let length = 0
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    if (length + chunk.length > maxBytes) {
      body.destroy()
      throw new OutboundFault('answer-too-large', host)
    }
    if (length + chunk.length > octets.length) {
      const larger = new Uint8Array(Math.min(maxBytes, Math.max(octets.length * 2, length + chunk.length)))
      larger.set(octets.subarray(0, length))
      octets = larger
    }
    octets.set(chunk, length)
    length += chunk.length
  }
  return octets.subarray(0, length)
}
