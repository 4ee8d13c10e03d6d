import { z } from 'zod'
import { redirectUriSchema } from './redirect-uri.ts'

/** What people read, in the browser and at the agent: no control characters, no line or bidi overrides (protocol.md, ticket). */
const displayText = z
  .string()
  .min(1)
  .max(120)
  .regex(/^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+$/u, 'must be one line of plain text')

/** RFC 6749 appendix A: VSCHAR without space. */
const clientIdSchema = z
  .string()
  .max(255)
  .regex(/^[\x21-\x7e]+$/, 'must be visible ASCII characters')

/** 256 bits when drawn from base64url. */
const clientSecretSchema = z
  .string()
  .min(43, 'must be at least 43 characters')
  .max(255)
  .regex(/^[\x21-\x7e]+$/, 'must be visible ASCII characters')

const hostOf = (uri: string): string => new URL(uri).host

/** A site that may send people here. Strict: a misspelt field is a fault, not a silent default. */
export const registrationSchema = z
  .strictObject({
    clientId: clientIdSchema,
    /** `client_secret_basic`; without it the client is public: `none`, with PKCE like everyone. */
    clientSecret: clientSecretSchema.optional(),
    displayName: z.strictObject({ ja: displayText, en: displayText }),
    redirectUris: z.array(redirectUriSchema).min(1),
    postLogoutRedirectUris: z.array(redirectUriSchema).default([]),
    /** Whether a certificate counts whose revocation could not be learned. The token says so. */
    revocationPolicy: z.enum(['require-good', 'allow-unchecked']).default('require-good'),
    /** `pairwise`: every sector knows a person under another name (OpenID Connect Core §8). */
    subjectType: z.enum(['pairwise', 'public']).default('pairwise'),
    /** OpenID Connect Core §8.1: lets several hosts share one sector. */
    sectorIdentifierUri: z.url({ protocol: /^https$/ }).optional(),
    idTokenAlgorithm: z.enum(['ES256', 'RS256']).default('ES256'),
  })
  .superRefine(({ subjectType, sectorIdentifierUri, redirectUris }, ctx) => {
    if (subjectType !== 'pairwise' || sectorIdentifierUri !== undefined) return
    if (new Set(redirectUris.filter((uri) => URL.canParse(uri)).map(hostOf)).size <= 1) return
    const message = 'must be set when the redirect URIs have several hosts'
    ctx.addIssue({ code: 'custom', path: ['sectorIdentifierUri'], message })
  })

/** As an operator or a program writes it; what may be left out has a default. */
export type Registration = z.input<typeof registrationSchema>

/** As the server reads it: everything is there. */
export type RegisteredClient = z.output<typeof registrationSchema>
