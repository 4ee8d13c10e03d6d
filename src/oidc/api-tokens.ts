import type { default as Provider } from 'oidc-provider'
import { Refusal } from '../error-registry/refusal.ts'
import { ownApiResource, type OwnApiScope } from '../relying-party/own-api.ts'
import type { ArtifactStore } from './artifact-store.ts'
import { createProofCheck } from './check-dpop-proof.ts'
import { allowedScopesOf } from './client-policy.ts'

/** A request to the provider's own API, as far as it says who sends it. */
export interface ApiRequest {
  /** The `Authorization` header. */
  readonly authorization: string | undefined
  /** The `DPoP` header. */
  readonly proof: string | undefined
  readonly method: string
  /** Without the query, from `/`. */
  readonly path: string
}

export interface ApiTokens {
  /**
   * The client that sends it, by a token of its own (`client_credentials`) for this API.
   *
   * @throws Refusal CLIENT_TOKEN_MISSING, CLIENT_TOKEN_INVALID, CLIENT_SCOPE_MISSING
   */
  clientOf(request: ApiRequest, scope: OwnApiScope): Promise<string>
}

const AUTHORIZATION = /^(Bearer|DPoP) ([\w.~+/-]{1,512}=*)$/i

interface ClientToken {
  readonly clientId?: string
  readonly aud?: unknown
  readonly scopes: ReadonlySet<string>
  readonly jkt?: string
}

/** What `/token/introspection` would say, said within the process: a token ends at once with its client, its registration or its scope. */
export function createApiTokens({
  provider,
  issuer,
  artifacts,
  now,
}: {
  readonly provider: Provider
  readonly issuer: string
  readonly artifacts: Pick<ArtifactStore, 'rememberProof'>
  readonly now: () => Date
}): ApiTokens {
  const resource = ownApiResource(issuer)
  const isProven = createProofCheck({ artifacts, now })

  return {
    async clientOf({ authorization, proof, method, path }, scope) {
      if (authorization === undefined) throw new Refusal('CLIENT_TOKEN_MISSING')
      const [, scheme = '', text = ''] = AUTHORIZATION.exec(authorization) ?? []
      const token = (await provider.ClientCredentials.find(text)) as ClientToken | undefined
      const client = token?.clientId === undefined ? undefined : await provider.Client.find(token.clientId)
      if (token === undefined || client === undefined || token.aud !== resource)
        throw new Refusal('CLIENT_TOKEN_INVALID')

      const isBound = token.jkt !== undefined
      // RFC 9449 §7.1: a token that is bound is not shown as one that is not
      if (isBound !== (scheme.toLowerCase() === 'dpop')) throw new Refusal('CLIENT_TOKEN_INVALID')
      const request = { proof, method, address: `${issuer}${path}`, token: text, clientId: client.clientId }
      if (token.jkt !== undefined && !(await isProven({ ...request, keyThumbprint: token.jkt })))
        throw new Refusal('CLIENT_TOKEN_INVALID', 'without a proof that its key is at hand')

      // what the registration allows now, and not only when the token was made
      if (!token.scopes.has(scope) || !allowedScopesOf(client, resource).includes(scope))
        throw new Refusal('CLIENT_SCOPE_MISSING')
      return client.clientId
    },
  }
}
