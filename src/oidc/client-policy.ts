import type { Client } from 'oidc-provider'
import type { RevocationPolicy } from '../certificate/judgement.ts'
import { SECRETS_METADATA } from './accept-digested-secrets.ts'

/** Extra metadata of a client that oidc-provider carries for us and never interprets. */
export const CLIENT_EXTRAS = ['sekisho_revocation_policy', 'sekisho_display_name', SECRETS_METADATA] as const

/** Anything but the exact word is the strict policy. */
export function revocationPolicyOf(client: Client): RevocationPolicy {
  return client['sekisho_revocation_policy'] === 'allow-unchecked' ? 'allow-unchecked' : 'require-good'
}

/** The name a person sees, in their language where the client registered one. */
export function displayNameOf(client: Client, locale: 'ja' | 'en'): string {
  const names = client['sekisho_display_name'] as { readonly ja?: string; readonly en?: string } | undefined
  return names?.[locale] ?? client.clientName ?? client.clientId
}

/** OpenID Connect Core §8.1: the sector identifier, by which pairwise subjects are told apart. */
export function sectorOf(client: Client): string {
  const sector = (client as unknown as { readonly sectorIdentifier?: string }).sectorIdentifier
  if (sector === undefined) throw new Error('a pairwise client without a sector identifier')
  return sector
}
