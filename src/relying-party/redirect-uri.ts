import { z } from 'zod'
import { redirectUriFault, serverUriFault } from './redirect-uri-fault.ts'

export { isPrivateUse } from './redirect-uri-fault.ts'

/**
 * An address a browser may be sent back to. Compared as text later on (RFC 9700 §2.1: exact match), so it must be written the way
 * URLs are normalised: `https:`, or `http:` on this very machine; no fragment (RFC 6749 §3.1.2), no user information. Native
 * applications may also have a scheme of their own: `registration.ts` refuses it for all others.
 */
export const redirectUriSchema = z
  .string()
  .max(2048)
  .superRefine((text, ctx) => {
    const fault = redirectUriFault(text)
    if (fault !== undefined) ctx.addIssue({ code: 'custom', message: fault })
  })

/** An address that this server will ask or tell something: `https:`, or `http:` on this very machine for development. */
export const serverUriSchema = z
  .string()
  .max(2048)
  .superRefine((text, ctx) => {
    const fault = serverUriFault(text)
    if (fault !== undefined) ctx.addIssue({ code: 'custom', message: fault })
  })
