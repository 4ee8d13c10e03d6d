import type { Request } from 'express'
import { AgentRefusal } from '../ceremony/agent-refusal.ts'
import { parsePin } from '../pin/parse-pin.ts'

export interface PinForm {
  /** Every field but the PIN. */
  readonly fields: URLSearchParams
  /** Four ASCII digits, for the caller to zero; undefined when what was typed is something else. */
  readonly pin: Buffer | undefined
  /** Nothing at all was typed into the field. */
  readonly isEmpty: boolean
}

const PIN_FIELD = Buffer.from('pin=')
const AMPERSAND = 0x26

/**
 * Takes the PIN out of an `application/x-www-form-urlencoded` body as bytes: a JavaScript string cannot be wiped. The body is zeroed.
 * The digits 0 to 9 are never percent-encoded by a browser; anything else is no PIN.
 */
export function readPinForm(body: Buffer): PinForm {
  let pin: Buffer | undefined
  let pins = 0
  let typed = 0
  const rest: string[] = []
  try {
    for (const part of split(body)) {
      if (part.subarray(0, PIN_FIELD.length).equals(PIN_FIELD)) {
        pins += 1
        pin?.fill(0)
        pin = parsePin(part.subarray(PIN_FIELD.length))
        typed += part.length - PIN_FIELD.length
      } else rest.push(part.toString('latin1'))
    }
    if (pins > 1) pin?.fill(0)
    return { fields: new URLSearchParams(rest.join('&')), pin: pins === 1 ? pin : undefined, isEmpty: typed === 0 }
  } finally {
    body.fill(0)
  }
}

function split(body: Buffer): Buffer[] {
  const parts: Buffer[] = []
  let start = 0
  for (let index = body.indexOf(AMPERSAND); index !== -1; index = body.indexOf(AMPERSAND, start)) {
    parts.push(body.subarray(start, index))
    start = index + 1
  }
  parts.push(body.subarray(start))
  return parts
}

/** The form that `readFormBody` has read. */
export function formOf(request: Request): PinForm {
  if (!Buffer.isBuffer(request.body)) throw new AgentRefusal('BODY_INVALID', 'not a form')
  return readPinForm(request.body)
}

/** A field that must be there exactly once. */
export function one(fields: URLSearchParams, name: string): string {
  const values = fields.getAll(name)
  if (values.length !== 1 || values[0] === undefined) throw new AgentRefusal('BODY_INVALID', name)
  return values[0]
}
