import type { Grant, KoaContextWithOIDC } from 'oidc-provider'

/**
 * The grant of this session at this client, made at the first request. Scopes are only those that reveal nothing but the
 * subject, so there is nothing to ask the person beyond the card itself.
 */
export async function loadGrantOfSession(ctx: KoaContextWithOIDC): Promise<Grant | undefined> {
  const { client, session, provider } = ctx.oidc
  if (client === undefined || session?.accountId === undefined) return undefined
  const grantId = ctx.oidc.result?.consent?.grantId ?? session.grantIdFor(client.clientId)
  const known = grantId === undefined ? undefined : await provider.Grant.find(grantId)
  if (known !== undefined) return known
  const grant = new provider.Grant({ accountId: session.accountId, clientId: client.clientId })
  grant.addOIDCScope('openid')
  await grant.save()
  return grant
}
