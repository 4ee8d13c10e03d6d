import { z } from 'zod'

/** As the audit log keeps it; no database takes U+0000. */
export const reasonSchema = z
  .string()
  .trim()
  .min(1)
  .max(1000)
  .refine((text) => !text.includes('\0'), 'no U+0000')

/** Words that are looked for: one line. */
export const wordsSchema = (max: number) =>
  z
    .string()
    .max(max)
    .refine((text) => !/\p{Cc}/u.test(text), 'no control characters')
