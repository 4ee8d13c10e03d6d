import type { UnverifiedFields } from '../client-administration.ts'
import type { ClientView } from '../client-view.ts'

/** What a client, or an operator, may have demanded of it. */
const DEMANDS = ['requireDpop', 'requirePushedAuthorizationRequests', 'requireSignedRequestObject'] as const

/**
 * A client that replaces its registration may demand more of itself, never less: a registration access token that was stolen must
 * not take a demand back, nor, by leaving words out, turn a client that proves itself into one that need not. Operators can.
 */
export function withoutLoosening(fields: UnverifiedFields, standing: ClientView): UnverifiedFields {
  const demanded = DEMANDS.filter((field) => standing[field]).map((field) => [field, true] as const)
  return {
    ...fields,
    tokenEndpointAuthMethod: fields['tokenEndpointAuthMethod'] ?? standing.tokenEndpointAuthMethod,
    ...Object.fromEntries(demanded),
  }
}
