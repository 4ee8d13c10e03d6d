import type { Request } from 'express'
import type { ApiClientStore } from '../../../administration/api-clients.ts'
import { mayRole, permissionOf } from '../../../administration/permissions.ts'
import type { Role } from '../../../administration/role.ts'
import { Refusal } from '../../../error-registry/refusal.ts'
import type { InspectedToken } from '../../../oidc/inspect-token.ts'
import { ACR_PHRH } from '../../../sign-in/authentication-context.ts'
import type { Caller } from '../caller.ts'
import type { ApiRoute } from './define-api-route.ts'

export interface CallerDependencies {
  /** Of the console: addresses of the API begin with it. */
  readonly origin: string
  /** The admin API's name: `aud` of its tokens (RFC 8707). */
  readonly resource: string
  readonly inspectToken: (token: string) => Promise<InspectedToken | undefined>
  /** RFC 9449. */
  readonly checkProof: (possession: {
    readonly proof: string | undefined
    readonly method: string
    readonly address: string
    readonly token: string
    readonly clientId: string
    readonly keyThumbprint: string
  }) => Promise<boolean>
  readonly apiClients: Pick<ApiClientStore, 'find'>
  readonly roleOf: (accountId: string) => Promise<Role | undefined>
  readonly now: () => Date
}

/** Seconds: for a dangerous act the card was used so recently. */
export const FRESH_TAP_SECONDS = 300

const AUTHORIZATION = /^(Bearer|DPoP) ([\w.~+/-]{1,512}=*)$/i

/** Who calls, by token alone: a cookie means nothing here. Each step is one reason less to go on (attack 44). */
export function createApiAccess(deps: CallerDependencies) {
  const { origin, resource, inspectToken, checkProof, apiClients, roleOf, now } = deps

  /** @throws Refusal CLIENT_TOKEN_MISSING, CLIENT_TOKEN_INVALID */
  const tokenOf = async (req: Request): Promise<InspectedToken> => {
    const { authorization } = req.headers
    if (authorization === undefined) throw new Refusal('CLIENT_TOKEN_MISSING')
    const [, scheme = '', text = ''] = AUTHORIZATION.exec(authorization) ?? []
    const token = text === '' ? undefined : await inspectToken(text)
    if (token?.audience !== resource) throw new Refusal('CLIENT_TOKEN_INVALID', 'none, or not for this API')
    const { keyThumbprint, clientId } = token
    // RFC 9449 §7.1: a token that is bound is not shown as one that is not
    if ((keyThumbprint !== undefined) !== (scheme.toLowerCase() === 'dpop')) throw new Refusal('CLIENT_TOKEN_INVALID')
    if (keyThumbprint === undefined) return token
    const address = `${origin}${req.originalUrl.split('?')[0] ?? ''}`
    const proven = await checkProof({
      proof: req.get('DPoP'),
      method: req.method,
      address,
      token: text,
      clientId,
      keyThumbprint,
    })
    if (!proven) throw new Refusal('CLIENT_TOKEN_INVALID', 'without a proof that its key is at hand')
    return token
  }

  /** @throws Refusal CLIENT_SCOPE_MISSING, ADMIN_FORBIDDEN, ADMIN_TAP_TOO_OLD */
  const decide = async (token: InspectedToken, { act, scope }: Pick<ApiRoute, 'act' | 'scope'>): Promise<Caller> => {
    const { clientId, person, scopes } = token
    // what an owner allows now, and not what was registered, or allowed when the token was made
    const allowed = await apiClients.find(clientId)
    if (!scopes.includes(scope) || allowed?.scopes.includes(scope) !== true) throw new Refusal('CLIENT_SCOPE_MISSING')
    const { services, stepUp } = permissionOf(act)
    if (person === undefined) {
      if (!services) throw new Refusal('ADMIN_FORBIDDEN', `no program may ${act} by itself`)
      return { kind: 'service', clientId }
    }
    const { accountId, credentialId, acr, authTime } = person
    const role = await roleOf(accountId)
    if (role === undefined || !mayRole(role, act)) throw new Refusal('ADMIN_FORBIDDEN', `${role ?? 'nobody'}: ${act}`)
    if (acr !== ACR_PHRH || (stepUp && now().getTime() / 1000 - authTime > FRESH_TAP_SECONDS)) {
      throw new Refusal('ADMIN_TAP_TOO_OLD')
    }
    return { kind: 'administrator', clientId, accountId, credentialId, role }
  }

  return { tokenOf, decide }
}

export type ApiAccess = ReturnType<typeof createApiAccess>
