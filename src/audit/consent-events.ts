import { z } from 'zod'

const id = z.uuid()
const clientId = z.string().min(1).max(255)
const words = z.array(z.string().min(1).max(2200)).max(200)

/** What people agreed that sites get; the words are those of the site's registration. */
export const CONSENT_EVENTS = [
  z.strictObject({
    type: z.literal('consent.given'),
    accountId: id,
    clientId,
    scopes: words,
    claims: words,
    /** `<resource> <scope>` */
    resourceScopes: words,
  }),
  z.strictObject({ type: z.literal('consent.declined'), accountId: id, clientId }),
  z.strictObject({ type: z.literal('consent.withdrawn'), accountId: id, clientId }),
] as const
