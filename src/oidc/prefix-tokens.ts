import { Provider } from 'oidc-provider'
import { REFRESH_TOKEN_PREFIX, type RefreshSuccession } from './refresh-succession.ts'
import { idInGroup, routeOfGroup } from './route-ids.ts'

export const ACCESS_TOKEN_PREFIX = 'skat_'

/** So that a leaked token is recognised for what it is, by people and by programs that look for secrets. */
const PREFIXES = {
  AccessToken: ACCESS_TOKEN_PREFIX,
  ClientCredentials: 'skcc_',
  RefreshToken: REFRESH_TOKEN_PREFIX,
} as const

interface TokenModel {
  find(value: unknown, options?: unknown): Promise<unknown>
  readonly prototype: { generateTokenId(this: { readonly format?: string; readonly grantId?: string }): string }
}

/**
 * Opaque tokens say what they are. oidc-provider has no setting for it, but makes a class of each kind for each provider, with
 * `generateTokenId` and `find` as their only doors. What does not begin with its prefix is not looked up.
 */
export function prefixTokens(provider: Provider, succession: RefreshSuccession): void {
  for (const [kind, prefix] of Object.entries(PREFIXES)) {
    const model = provider[kind as keyof typeof PREFIXES] as unknown as TokenModel
    const { prototype } = model
    // called with its token below
    // eslint-disable-next-line @typescript-eslint/unbound-method
    const generate = prototype.generateTokenId
    const find = model.find.bind(model)
    prototype.generateTokenId = function () {
      // generate() settles the format of an access token on the token itself
      const id = generate.call(this)
      const appointed = kind === 'RefreshToken' ? succession.appointed(Provider.ctx) : undefined
      return this.format === 'jwt' ? id : `${prefix}${appointed ?? `${routeOf(this)}${id}`}`
    }
    model.find = async (value, options) =>
      typeof value === 'string' && value.startsWith(prefix) ? find(value, options) : undefined
  }
  // called with its code below
  // eslint-disable-next-line @typescript-eslint/unbound-method
  const { generateTokenId } = (provider.AuthorizationCode as unknown as TokenModel).prototype
  ;(provider.AuthorizationCode as unknown as TokenModel).prototype.generateTokenId = function () {
    return this.grantId === undefined
      ? generateTokenId.call(this)
      : idInGroup(this.grantId, () => generateTokenId.call(this))
  }
}

function routeOf({ grantId }: { readonly grantId?: string }): string {
  return grantId === undefined ? '' : routeOfGroup(grantId)
}
