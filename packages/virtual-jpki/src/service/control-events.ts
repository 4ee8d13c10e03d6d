import { z } from 'zod'

import type { VirtualJpki } from '../create-virtual-jpki.ts'
import { serialHex } from '../linkage/linkage-messages.ts'
import { LifeEventRefused, LOSS_REASONS, type LifeEvent } from '../people/life-event.ts'
import { json, type HttpAnswer } from './http-answer.ts'
import { writeClock } from './write-people.ts'

const persona = z.string().min(1).max(64)
const text = z.string().min(1).max(200)

const eventOrder = z.discriminatedUnion('event', [
  z.strictObject({ event: z.enum(['issue', 'renew', 'hold', 'die', 'phone']), persona }),
  z.strictObject({ event: z.literal('reissue'), persona, reason: z.enum(LOSS_REASONS).optional() }),
  z.strictObject({ event: z.literal('move'), persona, address: text.optional() }),
  z.strictObject({ event: z.literal('marry'), persona, name: text.optional() }),
  z
    .strictObject({
      event: z.literal('clock'),
      advance: z.string().max(64).optional(),
      set: z.iso.datetime().optional(),
      reset: z.literal(true).optional(),
    })
    .refine(({ advance, set, reset }) => [advance, set, reset].filter((way) => way !== undefined).length === 1, {
      error: 'one of advance, set and reset',
    }),
])
type EventOrder = z.infer<typeof eventOrder>
type ClockOrder = Extract<EventOrder, { readonly event: 'clock' }>

/** `POST /control/events`: something happens to a persona, or to the clock. Refusals change nothing. */
export async function happenByOrder(jpki: VirtualJpki, order: unknown): Promise<HttpAnswer> {
  const parsed = eventOrder.safeParse(order)
  if (!parsed.success) return refuse(400, 'ORDER_MALFORMED', z.prettifyError(parsed.error))
  try {
    if (parsed.data.event === 'clock') return json(moveClock(jpki, parsed.data))
    return json(writeEvent(await jpki.event(parsed.data)))
  } catch (fault) {
    if (fault instanceof LifeEventRefused) {
      return refuse(fault.code === 'PERSONA_UNKNOWN' ? 404 : 409, fault.code, fault.message)
    }
    if (fault instanceof RangeError) return refuse(400, 'ORDER_MALFORMED', fault.message)
    throw fault
  }
}

function moveClock({ clock }: VirtualJpki, { advance, set }: ClockOrder): ReturnType<typeof writeClock> {
  if (advance !== undefined) clock.advance(advance)
  else if (set !== undefined) clock.setNow(new Date(set))
  else clock.reset()
  return writeClock(clock)
}

function writeEvent({ number, event, persona: whose, person, at, changes }: LifeEvent): unknown {
  return {
    number,
    event,
    persona: whose,
    person,
    at,
    changes: changes.map(({ authority, serialNumber, ...change }) => ({
      authority,
      serial_number: serialHex(serialNumber),
      ...change,
    })),
  }
}

const refuse = (status: number, error: string, message: string): HttpAnswer => json({ error, message }, status)
