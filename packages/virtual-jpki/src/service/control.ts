import type { IncomingMessage } from 'node:http'

import { z } from 'zod'

import type { VirtualJpki } from '../create-virtual-jpki.ts'
import { MISBEHAVIOURS } from '../misbehaviours.ts'
import { REVOCATION_REASONS, type RevocationReason } from '../registry.ts'
import { happenByOrder } from './control-events.ts'
import { json, plainText, type HttpAnswer } from './http-answer.ts'
import { isFromThisMachine } from './is-from-this-machine.ts'
import { readBody } from './read-body.ts'
import { writePeople } from './write-people.ts'

const misbehaviourOrder = z.strictObject({
  ocsp: z.enum(MISBEHAVIOURS.ocsp).nullish(),
  crl: z.enum(MISBEHAVIOURS.crl).nullish(),
  linkage: z.enum(MISBEHAVIOURS.linkage).nullish(),
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
  if (path === '/control/people' && request.method === 'GET') return json(writePeople(jpki))
  if (request.method !== 'POST') return plainText(405, 'POST only')
  if (request.headers['content-type'] !== 'application/json') return plainText(415, 'application/json only')
  const body = await readBody(request)
  if (body === undefined) return plainText(413, 'order too large')
  const order = parseJson(body)
  switch (path) {
    case '/control/misbehaviour':
      return misbehaveByOrder(jpki, order)
    case '/control/revocation':
      return revokeByOrder(jpki, order)
    case '/control/events':
      return happenByOrder(jpki, order)
    default:
      return plainText(404, 'nothing here')
  }
}

function misbehaveByOrder(jpki: VirtualJpki, order: unknown): HttpAnswer {
  const parsed = misbehaviourOrder.safeParse(order)
  if (!parsed.success) return plainText(400, z.prettifyError(parsed.error))
  const { ocsp, crl, linkage } = parsed.data
  jpki.misbehave({ ocsp: ocsp ?? undefined, crl: crl ?? undefined, linkage: linkage ?? undefined })
  return standingOrders(jpki)
}

function revokeByOrder(jpki: VirtualJpki, order: unknown): HttpAnswer {
  const parsed = revocationOrder.safeParse(order)
  if (!parsed.success) return plainText(400, z.prettifyError(parsed.error))
  const { persona, reason } = parsed.data
  if (!jpki.people().some((resident) => resident.persona === persona)) return plainText(404, 'no such persona')
  jpki.revoke({ persona }, reason)
  return json({ revoked: persona })
}

function standingOrders(jpki: VirtualJpki): HttpAnswer {
  const { ocsp = null, crl = null, linkage = null } = jpki.misbehaviours
  return json({ ocsp, crl, linkage, known: MISBEHAVIOURS })
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'))
  } catch {
    return undefined
  }
}
