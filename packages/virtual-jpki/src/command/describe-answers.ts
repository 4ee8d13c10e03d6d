import { z } from 'zod'

/** What is read of an answer to be shown. No serial numbers: whoever wants them asks for JSON. */
const event = z.object({
  event: z.string(),
  persona: z.string(),
  at: z.string(),
  changes: z.array(
    z.object({
      authority: z.string(),
      medium: z.string(),
      purpose: z.string(),
      change: z.enum(['issued', 'revoked']),
      relation: z.string().optional(),
      reason: z.string().optional(),
    }),
  ),
})
const clock = z.object({ now: z.string(), offset_ms: z.number() })
const certificate = z.object({
  authority: z.string(),
  not_after: z.string(),
  status: z.string(),
  reason: z.string().optional(),
})
const token = z.object({ authentication: certificate, signature: certificate })
const people = z.object({
  clock,
  people: z.array(z.object({ persona: z.string(), alive: z.boolean(), card: token, phone: token.nullable() })),
})

const COLUMN = 22

export function describeEvent(answer: unknown): readonly string[] {
  const { event: name, persona, at, changes } = event.parse(answer)
  const lines = changes.map(
    ({ change, medium, purpose, authority, relation, reason }) =>
      `  ${change.padEnd(8)} ${medium} ${purpose} (${authority})${why(relation ?? reason)}`,
  )
  return [`${name}: ${persona}, ${at}`, ...(lines.length === 0 ? ['  no certificate changes'] : lines)]
}

export function describeClock(answer: unknown): readonly string[] {
  const { now, offset_ms } = clock.parse(answer)
  return [offset_ms === 0 ? `${now}, the real time` : `${now}, ${offset_ms / 1000} s from the real time`]
}

export function describePeople(answer: unknown): readonly string[] {
  const { clock: time, people: everybody } = people.parse(answer)
  const lines = everybody.flatMap(({ persona, alive, card, phone }) =>
    [
      `${persona.padEnd(COLUMN)}card   ${describeToken(card)}${alive ? '' : '  (has died)'}`,
      phone && `${' '.repeat(COLUMN)}phone  ${describeToken(phone)}`,
    ].filter((line) => line !== null),
  )
  return [...describeClock(time), ...lines]
}

const describeToken = ({ authentication, signature }: z.infer<typeof token>): string =>
  `authentication ${describeCertificate(authentication)}, signature ${describeCertificate(signature)}`

const describeCertificate = ({ status, reason, not_after }: z.infer<typeof certificate>): string =>
  status === 'good' ? `good until ${not_after.slice(0, 10)}` : `revoked${why(reason)}`

const why = (reason: string | undefined): string => (reason === undefined ? '' : `: ${reason}`)
