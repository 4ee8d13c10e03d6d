import type { Client } from 'oidc-provider'
import { ownApiResource } from '../relying-party/own-api.ts'
import { allowedScopesOf } from './client-policy.ts'

/** What a site calls one of its users who is this person, told to that site alone; undefined: nothing was linked. */
export type ExternalIdOf = (accountId: string, client: Client | undefined) => Promise<string | undefined>

/** Only a site that may link has anything to be told: all others cost no question (relying-party/link). */
export function createExternalIdOf(
  issuer: string,
  links: { externalIdOf(accountId: string, clientId: string): Promise<string | undefined> },
): ExternalIdOf {
  const resource = ownApiResource(issuer)
  return async (accountId, client) =>
    client !== undefined && allowedScopesOf(client, resource).includes('link')
      ? links.externalIdOf(accountId, client.clientId)
      : undefined
}
