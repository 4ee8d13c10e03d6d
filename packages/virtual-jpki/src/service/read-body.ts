import type { IncomingMessage } from 'node:http'

/** No request of this service needs more. */
const MAX_OCTETS = 64 * 1024

/** The whole body, or nothing when it is too large. */
export async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = []
  let octets = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    octets += chunk.length
    if (octets > MAX_OCTETS) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
