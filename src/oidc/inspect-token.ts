import type { default as Provider } from 'oidc-provider'
import { askingClientIdOf } from './client-policy.ts'
import type { Standing } from './find-account.ts'
import { extraOf } from './token-extra.ts'

/** What an access token stands for, now. */
export interface InspectedToken {
  readonly clientId: string
  readonly audience: string
  readonly scopes: readonly string[]
  /** RFC 9449: the key that it is bound to. */
  readonly keyThumbprint: string | undefined
  /** Undefined for a program by itself. */
  readonly person:
    | {
        readonly accountId: string
        readonly credentialId: string
        readonly acr: string
        /** Seconds. */
        readonly authTime: number
      }
    | undefined
}

/** @returns undefined for one that is unknown, over, or ended with its account, its card, its consent or its client */
export type InspectToken = (token: string) => Promise<InspectedToken | undefined>

/** What introspection (RFC 7662) would say, for an API of the provider itself: without a request, and with the account id. */
export function createInspectToken(provider: Provider, standing: Standing): InspectToken {
  return async (value) => {
    const token = (await provider.AccessToken.find(value)) ?? (await provider.ClientCredentials.find(value))
    if (token === undefined || token.isExpired) return undefined
    const client = await provider.Client.find(token.clientId ?? '')
    if (client === undefined || typeof token.aud !== 'string') return undefined
    const about = {
      clientId: client.clientId,
      audience: token.aud,
      scopes: [...token.scopes],
      keyThumbprint: token.jkt,
    }
    if (token.kind === 'ClientCredentials') return { ...about, person: undefined }
    const { accountId, iat } = token
    const extra = extraOf(token)
    if (extra === undefined) return undefined
    const signOuts = await standing.signOutsOf(accountId, extra.credential_id, askingClientIdOf(client), iat)
    if (signOuts !== (extra.sign_outs ?? 0)) return undefined
    const { credential_id: credentialId, acr, auth_time: authTime } = extra
    return { ...about, person: { accountId, credentialId, acr, authTime } }
  }
}
