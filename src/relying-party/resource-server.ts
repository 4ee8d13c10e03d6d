import { z } from 'zod'
import { PROVIDER_ALGORITHMS } from './algorithms.ts'

/** RFC 8707 §2: an absolute URI without a fragment; compared as text. */
export const resourceIndicatorSchema = z
  .string()
  .max(2048)
  .superRefine((text, ctx) => {
    const url = URL.parse(text)
    if (url?.protocol !== 'https:' && url?.protocol !== 'http:') {
      ctx.addIssue({ code: 'custom', message: 'must be an https: or http: address' })
    } else if (text.includes('#')) {
      ctx.addIssue({ code: 'custom', message: 'must not contain a fragment' })
    } else if (url.href !== text) {
      ctx.addIssue({ code: 'custom', message: `must be written as ${url.href}` })
    }
  })

/** Words of the provider itself, which no resource server can own. */
const RESERVED_SCOPES = ['openid', 'offline_access']

/** RFC 6749 §3.3 `scope-token`. */
export const resourceScopeSchema = z
  .string()
  .max(120)
  .regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/, 'must be visible ASCII characters')
  .refine((scope) => !RESERVED_SCOPES.includes(scope), 'is a scope of the provider itself')

/** The API that a client is. Whoever registers it may introspect the tokens meant for it, and no others. */
export const resourceServerSchema = z.strictObject({
  /** `aud` of its tokens, and what clients ask for as `resource`. */
  resource: resourceIndicatorSchema,
  scopes: z.array(resourceScopeSchema).min(1),
  /** `opaque` tokens are introspected and end at once when they must; `jwt` (RFC 9068) for who cannot ask lives to its end. */
  accessTokenFormat: z.enum(['opaque', 'jwt']).default('opaque'),
  accessTokenSeconds: z.int().min(30).max(3600).default(600),
  /** Of JWT access tokens, and of introspection answers in the form of RFC 9701. */
  signingAlgorithm: z.enum(PROVIDER_ALGORITHMS).default('ES256'),
})

export type ResourceServer = z.output<typeof resourceServerSchema>
