import { z } from 'zod'
import { CLIENT_ALGORITHMS, PROVIDER_ALGORITHMS } from './algorithms.ts'
import { AUTH_METHODS } from './auth-method.ts'
import { displayText } from './display-text.ts'
import { publicJwksSchema } from './public-keys.ts'
import { redirectUriSchema, serverUriSchema } from './redirect-uri.ts'
import { resourceIndicatorSchema, resourceScopeSchema, resourceServerSchema } from './resource-server.ts'

const nameText = displayText(120)

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

/** Every field by itself; the rules between them are in `check-registration.ts`. */
export const registrationFields = z.strictObject({
  clientId: clientIdSchema,
  /** `native` may have loopback addresses with any port and a scheme of its own (RFC 8252); `spa` runs in the browser. */
  applicationType: z.enum(['web', 'spa', 'native']).default('web'),
  displayName: z.strictObject({ ja: nameText, en: nameText }),
  /** Who answers for it: a department, a mailbox. For operators; neither people nor sites see it. */
  owner: nameText.optional(),
  /** The operator's own: people are not asked whether it may know them (docs/adr/0008). */
  firstParty: z.boolean().default(false),
  logoUri: serverUriSchema.optional(),
  policyUri: serverUriSchema.optional(),
  tosUri: serverUriSchema.optional(),

  /** How it proves itself to us. Left out: by its secret if it has one, else by its keys, else (PKCE alone) not at all. */
  tokenEndpointAuthMethod: z.enum(AUTH_METHODS).optional(),
  clientSecret: clientSecretSchema.optional(),
  jwks: publicJwksSchema.optional(),
  jwksUri: serverUriSchema.optional(),
  clientAssertionAlgorithm: z.enum(CLIENT_ALGORITHMS).default('ES256'),

  /** May be empty for an API or a program without people. */
  redirectUris: z.array(redirectUriSchema).default([]),
  postLogoutRedirectUris: z.array(redirectUriSchema).default([]),
  /** Where people may be sent after an account was linked (`link/`). */
  linkReturnUris: z.array(redirectUriSchema).default([]),
  /** OpenID Connect Core §4: a person who is sent there by somebody else (`?iss=`) is to be signed in. The console's “try” does. */
  initiateLoginUri: serverUriSchema.optional(),
  /** OpenID Connect Back-Channel Logout §2.2: where it is told that somebody logged out. */
  backchannelLogoutUri: serverUriSchema.optional(),

  grantTypes: z
    .array(z.enum(['authorization_code', 'refresh_token', 'client_credentials']))
    .min(1)
    .default(['authorization_code']),
  /** The APIs it may ask tokens for, and with which scopes at most (RFC 8707). */
  resources: z
    .array(z.strictObject({ resource: resourceIndicatorSchema, scopes: z.array(resourceScopeSchema).min(1) }))
    .default([]),
  /** The API that it is itself. */
  resourceServer: resourceServerSchema.optional(),
  /** What its scopes let a site do, in words for people, by scope. */
  scopeDescriptions: z.record(resourceScopeSchema, z.strictObject({ ja: nameText, en: nameText })).optional(),

  /** Whether a certificate counts whose revocation could not be learned. The token says so. */
  revocationPolicy: z.enum(['require-good', 'allow-unchecked']).default('require-good'),
  /** `pairwise`: every sector knows a person under another name (OpenID Connect Core §8). */
  subjectType: z.enum(['pairwise', 'public']).default('pairwise'),
  /** OpenID Connect Core §8.1: lets several hosts share one sector. */
  sectorIdentifierUri: z.url({ protocol: /^https$/ }).optional(),
  /** Seconds after which a tap of the card is too old for this site. */
  defaultMaxAge: z.int().min(0).max(86_400).optional(),

  idTokenAlgorithm: z.enum(PROVIDER_ALGORITHMS).default('ES256'),
  /** JARM. */
  authorizationResponseAlgorithm: z.enum(PROVIDER_ALGORITHMS).default('ES256'),
  /** JAR: any of ours when it is left out. */
  requestObjectAlgorithm: z.enum(CLIENT_ALGORITHMS).optional(),
  requireSignedRequestObject: z.boolean().default(false),
  requirePushedAuthorizationRequests: z.boolean().default(false),
  /** RFC 9449: no token without a key. */
  requireDpop: z.boolean().default(false),
  /** `fapi2`: the FAPI 2.0 Security Profile, all of it enforced for this client. */
  profile: z.enum(['openid', 'fapi2']).default('openid'),
})

/** As the server reads it: everything is there. */
export type RegisteredClient = z.output<typeof registrationFields>
