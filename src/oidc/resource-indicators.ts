import { errors, type Configuration, type KoaContextWithOIDC } from 'oidc-provider'
import type { ResourceServer } from '../relying-party/resource-server.ts'
import { allowedScopesOf, resourcesOf } from './client-policy.ts'

/** Port (relying-party/): the API of this name. */
export type FindResourceServer = (resource: string) => Promise<
  | {
      readonly resourceServer: ResourceServer
      readonly sector: string
      /** Nobody gets a token of a person for it. */
      readonly isForProgramsOnly?: boolean
    }
  | undefined
>

type ResourceIndicators = NonNullable<NonNullable<Configuration['features']>['resourceIndicators']>

/** RFC 8707: a token is meant for one API, which both it and the client registered. */
export function createResourceIndicators(findResourceServer: FindResourceServer): ResourceIndicators {
  return {
    enabled: true,

    getResourceServerInfo: async (ctx, resource, client) => {
      const allowed = allowedScopesOf(client, resource)
      const found = allowed.length === 0 ? undefined : await findResourceServer(resource)
      // one answer for "no such API" and "not for you"
      if (found === undefined || (found.isForProgramsOnly === true && !isClientCredentials(ctx)))
        throw new errors.InvalidTarget('this client may not ask for this resource')
      const { scopes, accessTokenFormat, accessTokenSeconds, signingAlgorithm } = found.resourceServer
      return {
        scope: scopes.filter((scope) => allowed.includes(scope)).join(' '),
        audience: resource,
        accessTokenTTL: accessTokenSeconds,
        accessTokenFormat,
        ...(accessTokenFormat === 'jwt' ? { jwt: { sign: { alg: signingAlgorithm } } } : {}),
      }
    },

    defaultResource: (ctx, client, oneOf) => {
      if (oneOf !== undefined) return oneOf
      if (!isClientCredentials(ctx)) return undefined
      // a token without a person is for an API or for nothing
      const [only, ...others] = resourcesOf(client)
      if (only === undefined || others.length > 0) throw new errors.InvalidTarget('resource must be given')
      return only.resource
    },

    // a site that asked for one API when its user came need not say so again at the token endpoint (RFC 8707 §2.2)
    useGrantedResource: () => true,
  }
}

function isClientCredentials({ oidc }: KoaContextWithOIDC): boolean {
  return oidc.route === 'token' && oidc.params?.['grant_type'] === 'client_credentials'
}

/** RFC 9068 §2.2: `sub` as the API knows the person, as at introspection. */
export function createJwtCustomizer(
  findResourceServer: FindResourceServer,
  subjects: { subjectFor(accountId: string, sector: string): Promise<string> },
): NonNullable<NonNullable<NonNullable<Configuration['formats']>['customizers']>['jwt']> {
  return async (_ctx, token, jwt) => {
    if (token.kind !== 'AccessToken') return
    const found = await findResourceServer(String(token.aud))
    if (found === undefined) throw new errors.InvalidTarget('the resource is gone')
    jwt.payload['sub'] = await subjects.subjectFor((token as { readonly accountId: string }).accountId, found.sector)
  }
}
