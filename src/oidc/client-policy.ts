import type { Client } from 'oidc-provider'
import type { RevocationPolicy } from '../certificate/judgement.ts'
import { SECRETS_METADATA } from './accept-digested-secrets.ts'

/** Extra metadata of a client that oidc-provider carries for us and never interprets. */
export const CLIENT_EXTRAS = [
  'sekisho_revocation_policy',
  'sekisho_display_name',
  'sekisho_profile',
  'sekisho_sector',
  'sekisho_resource',
  'sekisho_resources',
  'sekisho_first_party',
  SECRETS_METADATA,
] as const

/** Anything but the exact word is the strict policy. */
export function revocationPolicyOf(client: Client): RevocationPolicy {
  return client['sekisho_revocation_policy'] === 'allow-unchecked' ? 'allow-unchecked' : 'require-good'
}

/** The name a person sees, in their language where the client registered one. */
export function displayNameOf(client: Client, locale: 'ja' | 'en'): string {
  const names = client['sekisho_display_name'] as { readonly ja?: string; readonly en?: string } | undefined
  return names?.[locale] ?? client.clientName ?? client.clientId
}

/** By which subjects are told apart (relying-party/sector.ts). */
export function sectorOf(client: Client): string {
  const sector = client['sekisho_sector']
  if (typeof sector !== 'string') throw new Error('a client without a sector')
  return sector
}

/** The operator's own: people are not asked whether it may know them. */
export function isFirstParty(client: Client): boolean {
  return client['sekisho_first_party'] === true
}

/** @returns its id when people are asked before it gets anything */
export function askingClientIdOf(client: Client | undefined): string | undefined {
  return client === undefined || isFirstParty(client) ? undefined : client.clientId
}

export function isFapi2(client: Client | undefined): boolean {
  return client?.['sekisho_profile'] === 'fapi2'
}

/** The scopes that this client may ask for at an API; none for one that it did not register. */
export function allowedScopesOf(client: Client, resource: string): readonly string[] {
  return resourcesOf(client).find((one) => one.resource === resource)?.scopes ?? []
}

export function resourcesOf(
  client: Client,
): readonly { readonly resource: string; readonly scopes: readonly string[] }[] {
  return (client['sekisho_resources'] as ReturnType<typeof resourcesOf> | undefined) ?? []
}
