import type { Configuration, KoaContextWithOIDC } from 'oidc-provider'
import { askingClientIdOf, sectorOf } from './client-policy.ts'
import type { Standing } from './find-account.ts'
import type { KnownSubjects } from './known-subjects.ts'
import { routeOf } from './route-of.ts'
import { extraOf } from './token-extra.ts'

type Policy = NonNullable<NonNullable<NonNullable<Configuration['features']>['introspection']>['allowedPolicy']>

/**
 * RFC 7662 §4: a resource server learns of the tokens that are meant for it, everyone else that there is nothing to learn. A token
 * ends at once with its account, its card or its client.
 */
export function createIntrospectionPolicy(
  standing: Pick<Standing, 'find'>,
  knownSubjects: Pick<KnownSubjects, 'keep'>,
): Policy {
  return async (ctx, client, token) => {
    if (token.kind !== 'AccessToken' && token.kind !== 'ClientCredentials') return false
    const { aud, clientId } = token
    const resource = client['sekisho_resource']
    if (typeof resource !== 'string' || aud !== resource) return false
    const holder = await ctx.oidc.provider.Client.find(clientId ?? '')
    if (holder === undefined) return false
    if (token.kind === 'ClientCredentials') return true

    const { accountId } = token
    const extra = extraOf(token)
    if (extra === undefined) return false
    // the answer says who it is to the one who asks (subject-of.ts)
    const sector = sectorOf(client)
    const found = await standing.find({
      accountId,
      credentialId: extra.credential_id,
      askedFor: askingClientIdOf(holder),
      grantedAt: token.iat,
      sector,
    })
    if (found?.signOuts !== (extra.sign_outs ?? 0)) return false
    knownSubjects.keep(ctx, accountId, sector, found.subject)
    const { credential_id: _card, sign_outs: _signOuts, ...theirs } = extra
    // oidc-provider puts this into its answer as it is
    Object.assign(token, { extra: theirs })
    return true
  }
}

/** A JWT cannot be introspected; asking is no fault of the resource server's that it would have to handle (RFC 7662 §2.2). */
export function answerInactiveForJwts(ctx: KoaContextWithOIDC): void {
  if (routeOf(ctx) !== 'introspection' || ctx.status !== 400) return
  if ((ctx.body as { readonly error?: string } | undefined)?.error !== 'unsupported_token_type') return
  ctx.status = 200
  ctx.body = { active: false }
}
