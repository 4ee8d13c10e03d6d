import type { RegisteredClient } from './registration-fields.ts'

/** All clients with `subjectType: public` share one. It cannot be a host, so no client can claim it. */
export const PUBLIC_SECTOR = 'urn:sekisho:sector:public'

/**
 * OpenID Connect Core §8.1: clients of one sector know a person by the same `sub`, clients of two never do. A public subject is
 * the subject of a sector too: the number of an account never leaves this server.
 *
 * An address on the person's own machine or a scheme of its own belongs to nobody in particular: there the client is its own sector.
 */
export function sectorOfClient(
  client: Pick<
    RegisteredClient,
    'clientId' | 'subjectType' | 'sectorIdentifierUri' | 'redirectUris' | 'resourceServer' | 'applicationType'
  >,
): string {
  if (client.subjectType === 'public') return PUBLIC_SECTOR
  const address = client.sectorIdentifierUri ?? client.redirectUris[0] ?? client.resourceServer?.resource
  if (address === undefined) return `urn:sekisho:sector:client:${client.clientId}`
  const { protocol, host } = new URL(address)
  return client.applicationType === 'native' && protocol !== 'https:'
    ? `urn:sekisho:sector:client:${client.clientId}`
    : host
}
