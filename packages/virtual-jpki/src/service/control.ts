import type { IncomingMessage } from 'node:http'

import { z } from 'zod'

import type { VirtualJpki } from '../create-virtual-jpki.ts'
import { MISBEHAVIOURS } from '../misbehaviours.ts'
import { REVOCATION_REASONS, type RevocationReason } from '../registry.ts'
import { answer, plainText, type HttpAnswer } from './http-answer.ts'
import { isFromThisMachine } from './is-from-this-machine.ts'
import { readBody } from './read-body.ts'

const misbehaviourOrder = z.strictObject({
  ocsp: z.enum(MISBEHAVIOURS.ocsp).nullish(),
  crl: z.enum(MISBEHAVIOURS.crl).nullish(),
})

const revocationOrder = z.strictObject({
  persona: z.string(),
  reason: z.enum(Object.keys(REVOCATION_REASONS) as [RevocationReason, ...RevocationReason[]]).optional(),
})

/**
 * The strings by which a test moves the PKI. Whoever holds them decides who is revoked, so they hang on loopback only — whatever
 * address the service listens on — and no web page reaches them: no Origin, no foreign Host (DNS rebinding), JSON only.
 */
export async function answerControl(jpki: VirtualJpki, request: IncomingMessage, path: string): Promise<HttpAnswer> {
  if (!isFromThisMachine(request)) return plainText(403, 'control is for this machine only')
  if (path === '/control/misbehaviour' && request.method === 'GET') return standingOrders(jpki)
  if (request.method !== 'POST') return plainText(405, 'POST only')
  if (request.headers['content-type'] !== 'application/json') return plainText(415, 'application/json only')
  const body = await readBody(request)
  if (body === undefined) return plainText(413, 'order too large')
  const order = parseJson(body)
  switch (path) {
    case '/control/misbehaviour': {
      const parsed = misbehaviourOrder.safeParse(order)
      if (!parsed.success) return plainText(400, z.prettifyError(parsed.error))
      jpki.misbehave({ ocsp: parsed.data.ocsp ?? undefined, crl: parsed.data.crl ?? undefined })
      return standingOrders(jpki)
    }
    case '/control/revocation': {
      const parsed = revocationOrder.safeParse(order)
      if (!parsed.success) return plainText(400, z.prettifyError(parsed.error))
      if (!jpki.personas.some(({ name }) => name === parsed.data.persona)) return plainText(404, 'no such persona')
      jpki.revoke({ persona: parsed.data.persona }, parsed.data.reason)
      return answer('application/json', Buffer.from(JSON.stringify({ revoked: parsed.data.persona })))
    }
    default:
      return plainText(404, 'nothing here')
  }
}

function standingOrders(jpki: VirtualJpki): HttpAnswer {
  const { ocsp = null, crl = null } = jpki.misbehaviours
  return answer('application/json', Buffer.from(JSON.stringify({ ocsp, crl, known: MISBEHAVIOURS })))
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'))
  } catch {
    return undefined
  }
}
