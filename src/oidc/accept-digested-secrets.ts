import { randomBytes } from 'node:crypto'
import type { Client, default as Provider } from 'oidc-provider'
import { clientSecretsSchema, matchesClientSecret, type ClientSecret } from '../relying-party/client-secret.ts'

/** The client metadata that carries the digests; oidc-provider hands it on and never interprets it. */
export const SECRETS_METADATA = 'sekisho_secrets'

/** oidc-provider insists that such a client has a secret. This one is drawn when the process begins, told to nobody, compared with nothing. */
const STAND_IN = randomBytes(32).toString('base64url')

/** As plain JSON: oidc-provider knows by a digest of its JSON whether a client has changed. */
export function secretMetadataOf(secrets: readonly ClientSecret[]): Record<string, unknown> {
  return { client_secret: STAND_IN, [SECRETS_METADATA]: JSON.parse(JSON.stringify(secrets)) as unknown }
}

/**
 * Compares a presented client secret with the digests of the client's live secrets: there may be two while one replaces the other.
 * `compareClientSecret` is oidc-provider's own place for this (lib/shared/client_auth.js calls it and awaits the answer).
 */
export function acceptDigestedSecrets(provider: Provider, now: () => Date): void {
  const read = new WeakMap<Client, readonly ClientSecret[]>()
  provider.Client.prototype.compareClientSecret = function (this: Client, presented: string): boolean {
    const secrets = read.get(this) ?? clientSecretsSchema.safeParse(this[SECRETS_METADATA]).data ?? []
    read.set(this, secrets)
    return matchesClientSecret(presented, secrets, now())
  }
}
