import { Provider, type default as OidcProvider } from 'oidc-provider'

interface RefreshTokenModel {
  readonly prototype: { save(this: { jkt?: string }): Promise<string> }
}

/**
 * A refresh token is bound to the key of the access token it came with. RFC 9449 §5 asks that of clients that cannot authenticate, and
 * oidc-provider stops there; here a stolen token and a stolen secret together are not enough either (attack 7).
 */
export function bindRefreshTokens(provider: OidcProvider): void {
  const { prototype } = provider.RefreshToken as unknown as RefreshTokenModel
  // called with its token below
  // eslint-disable-next-line @typescript-eslint/unbound-method
  const save = prototype.save
  prototype.save = function () {
    const key = Provider.ctx?.oidc.entities.AccessToken?.jkt
    if (this.jkt === undefined && key !== undefined) this.jkt = key
    return save.call(this)
  }
}
