import * as oidc from 'openid-client'

/** What an API may know of an active token (RFC 7662 §2.2 and what Sekisho adds). */
export interface ActiveToken {
  /** The person, under the name that this API knows them by; absent for a program. */
  readonly sub?: string
  readonly client_id: string
  readonly scope?: string
  readonly acr?: string
  readonly auth_time?: number
  readonly cert_status?: {
    readonly status: string
    readonly method: string
    readonly checked_at: number
    readonly source: string
  }
  readonly cnf?: { readonly jkt?: string }
}

export type Introspect = (token: string) => Promise<ActiveToken | undefined>

export interface IntrospectOptions {
  readonly issuer: string
  readonly clientId: string
  readonly clientSecret: string
}

/**
 * Asks the provider each time: what was revoked a second ago is refused now. An API that cannot wait may remember an answer for some
 * seconds, and is then late by as much.
 */
export function createIntrospect({ issuer, clientId, clientSecret }: IntrospectOptions): Introspect {
  const isLocal = new URL(issuer).protocol === 'http:'
  let discovered: Promise<oidc.Configuration> | undefined
  const discover = (): Promise<oidc.Configuration> => {
    discovered ??= oidc
      .discovery(
        new URL(issuer),
        clientId,
        undefined,
        oidc.ClientSecretBasic(clientSecret),
        // eslint-disable-next-line @typescript-eslint/no-deprecated -- a provider on this machine has no certificate
        isLocal ? { execute: [oidc.allowInsecureRequests] } : {},
      )
      .catch((fault: unknown) => {
        discovered = undefined
        throw fault
      })
    return discovered
  }
  return async (token) => {
    const answer = await oidc.tokenIntrospection(await discover(), token)
    return answer.active ? (answer as unknown as ActiveToken) : undefined
  }
}
