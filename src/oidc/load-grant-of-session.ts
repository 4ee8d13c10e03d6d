import type { Configuration, Grant, KoaContextWithOIDC } from 'oidc-provider'
import { grantLife } from './token-lives.ts'

/**
 * The grant of this session at this client, with what this request asks for. Every registered client is first-party to its operator
 * and may ask only for what is registered, so there is nothing to ask the person beyond the card itself.
 */
export function createLoadGrant(sessionSeconds: number): NonNullable<Configuration['loadExistingGrant']> {
  return async (ctx) => {
    const { client, session, provider } = ctx.oidc
    if (client === undefined || session?.accountId === undefined) return undefined
    const grantId = ctx.oidc.result?.consent?.grantId ?? session.grantIdFor(client.clientId)
    const known = grantId === undefined ? undefined : await provider.Grant.find(grantId)
    const grant = known ?? new provider.Grant({ accountId: session.accountId, clientId: client.clientId })
    addRequested(grant, ctx)
    // from now on: it must outlive the tokens that are made of it today
    grant.exp = Math.floor(Date.now() / 1000) + grantLife(grant, sessionSeconds)
    await grant.save()
    return grant
  }
}

function addRequested(grant: Grant, { oidc }: KoaContextWithOIDC): void {
  grant.addOIDCScope([...oidc.requestParamOIDCScopes].join(' '))
  grant.addOIDCClaims([...oidc.requestParamClaims])
  for (const [resource, { scopes }] of Object.entries(oidc.resourceServers ?? {})) {
    const requested = [...oidc.requestParamScopes].filter((scope) => scopes.has(scope))
    if (requested.length > 0) grant.addResourceScope(resource, requested.join(' '))
  }
}
