import type { IncomingMessage } from 'node:http'

/** Why there is no body: it is longer than it may be, or its sender went away. */
export type BodyFault = 'too-large' | 'cut-off'

/**
 * A whole body, as it was sent. One that is too large is read to its end all the same, and thrown away: otherwise whoever still writes
 * would see a broken connection instead of the answer (the server's time for a request bounds that: main/http-server.ts).
 */
export function readBody(req: IncomingMessage, maxBytes: number): Promise<Buffer | BodyFault> {
  // its sender went away while something else was waited for: nothing will be said of it any more
  if (req.destroyed) return Promise.resolve('cut-off')
  const chunks: Buffer[] = []
  let received = 0
  let isTooLarge = Number(req.headers['content-length'] ?? 0) > maxBytes
  const { promise, resolve } = Promise.withResolvers<Buffer | BodyFault>()
  req.on('data', (chunk: Buffer) => {
    received += chunk.length
    isTooLarge ||= received > maxBytes
    if (isTooLarge) chunks.length = 0
    else chunks.push(chunk)
  })
  req.on('end', () => {
    const [only] = chunks
    if (isTooLarge) resolve('too-large')
    else resolve(only !== undefined && chunks.length === 1 ? only : Buffer.concat(chunks))
  })
  req.on('error', () => {
    resolve(isTooLarge ? 'too-large' : 'cut-off')
  })
  req.on('close', () => {
    resolve(isTooLarge ? 'too-large' : 'cut-off')
  })
  return promise
}
