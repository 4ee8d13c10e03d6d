import type { Request, RequestHandler } from 'express'
import { AgentRefusal } from '../ceremony/agent-refusal.ts'
import { allocateSecret } from '../pin/allocate-secret.ts'

/** A form of ours holds a token, a form id, two addresses and a PIN. */
export const MAX_FORM_BYTES = 2048

/**
 * Reads the body of a form into one buffer of its own and zeroes the pieces in which it came, which a library that only joins them
 * would leave to the garbage collector. Out of reach is the buffer of Node's HTTP parser: it holds the bytes of the last request
 * until a longer one comes.
 */
export const readFormBody: RequestHandler = async (request, _response, next) => {
  if (request.is('application/x-www-form-urlencoded') === false) throw new AgentRefusal('BODY_INVALID', 'not a form')
  request.body = await readAll(request)
  next()
}

async function readAll(request: Request): Promise<Buffer> {
  const body = allocateSecret(MAX_FORM_BYTES)
  let length = 0
  try {
    for await (const piece of request as AsyncIterable<Buffer>) {
      const fits = length + piece.length <= MAX_FORM_BYTES
      if (fits) body.set(piece, length)
      length += piece.length
      piece.fill(0)
      if (!fits) throw new AgentRefusal('BODY_INVALID', 'too large')
    }
    return body.subarray(0, length)
  } catch (error) {
    body.fill(0)
    // A connection that ends in the middle is nobody's fault.
    throw error instanceof AgentRefusal ? error : new AgentRefusal('BODY_INVALID', 'incomplete')
  }
}
