import { parsePin } from '../pin/parse-pin.ts'

/** A form of ours holds a token, a form id, two addresses and a PIN. */
export const MAX_FORM_BYTES = 2048

export interface PinForm {
  /** Every field but the PIN. */
  readonly fields: URLSearchParams
  /** Four ASCII digits, for the caller to zero; undefined when what was typed is something else. */
  readonly pin: Buffer | undefined
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
  const rest: string[] = []
  try {
    for (const part of split(body)) {
      if (part.subarray(0, PIN_FIELD.length).equals(PIN_FIELD)) {
        pins += 1
        pin?.fill(0)
        pin = parsePin(part.subarray(PIN_FIELD.length))
      } else rest.push(part.toString('latin1'))
    }
    if (pins > 1) pin?.fill(0)
    return { fields: new URLSearchParams(rest.join('&')), pin: pins === 1 ? pin : undefined }
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
