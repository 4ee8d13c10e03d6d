import type { IncomingMessage, ServerResponse } from 'node:http'
import { readWhole, replayRequest } from './replay-request.ts'

export type Answer = (req: IncomingMessage, res: ServerResponse) => unknown

/**
 * A short way beside oidc-provider: what is plain is looked at first, and whatever that does not answer is put to the library as if nobody had
 * looked.
 *
 * @param isPlain by its head alone
 * @param answerPlain @returns whether it answered
 */
export function answerBesideLibrary(
  isPlain: (req: IncomingMessage) => boolean,
  answerPlain: (req: IncomingMessage, body: Buffer, res: ServerResponse) => Promise<boolean>,
  library: Answer,
): Answer {
  const answer = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    const body = await readWhole(req)
    if (!(await answerPlain(req, body, res))) await library(replayRequest(req, body), res)
  }
  return (req, res) => {
    if (!isPlain(req)) return library(req, res)
    // the client went away before its request was whole
    return answer(req, res).catch(() => res.destroy())
  }
}

/**
 * JSON for programs, with the headers that the library's answers have here.
 *
 * @param exposed which headers a page of another origin may read
 */
export function createJsonAnswer(
  issuer: string,
  exposed: string,
): (res: ServerResponse, status: number, body: object) => void {
  const headers = {
    'Cache-Control': 'no-store',
    Vary: 'Origin',
    'Access-Control-Allow-Origin': '*',
    'Access-Control-Expose-Headers': exposed,
    'X-Content-Type-Options': 'nosniff',
    'Content-Type': 'application/json; charset=utf-8',
    ...(issuer.startsWith('https:') ? { 'Strict-Transport-Security': 'max-age=63072000' } : {}),
  }
  return (res, status, body) => {
    const text = JSON.stringify(body)
    const octets = Buffer.byteLength(text)
    res.writeHead(status, { ...headers, 'Content-Length': octets })
    // a text leaves in one piece with its head, and one octet a character is the shorter way
    res.end(text, octets === text.length ? 'latin1' : 'utf8')
  }
}
