import type { z } from 'zod'
import { checkTogether } from './check-registration.ts'
import { registrationFields } from './registration-fields.ts'

export type { RegisteredClient } from './registration-fields.ts'

/** A client: a site that may send people here, an API, or a program. Strict: a misspelt field is a fault, not a silent default. */
export const registrationSchema = registrationFields.superRefine((client, ctx) => {
  for (const { path, message } of checkTogether(client)) ctx.addIssue({ code: 'custom', path: [...path], message })
})

/** As it is stored. Not strict: while a newer release is being installed, it may have written a field that this one does not know. */
export const storedRegistrationSchema = registrationFields.strip()

/** As an operator or a program writes it; what may be left out has a default. */
export type Registration = z.input<typeof registrationSchema>
