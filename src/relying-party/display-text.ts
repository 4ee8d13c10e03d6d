import { z } from 'zod'

/**
 * What people read, in the browser and at the agent: no control characters, no line or bidi overrides (protocol.md, ticket), no halves of
 * characters, all of which a database takes for one and the same.
 */
export function displayText(maxLength: number): z.ZodString {
  return z
    .string()
    .min(1)
    .max(maxLength)
    .regex(/^[^\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]+$/u, 'must be one line of plain text')
}
