import { authMethodOf, type AuthMethod } from './auth-method.ts'
import { clientSecretsSchema, digestClientSecret, type ClientSecret } from './client-secret.ts'
import type { ClientRecord, ClientStore, StoredClient } from './client-store.ts'
import {
  registrationSchema,
  storedRegistrationSchema,
  type RegisteredClient,
  type Registration,
} from './registration.ts'

export interface ClientRegistryDependencies {
  readonly store: Pick<ClientStore, 'find' | 'upsert'>
  readonly now: () => Date
}

/** A client as the server reads it: of its secrets the digests. */
export type ServedClient = Omit<RegisteredClient, 'clientSecret'> & {
  readonly tokenEndpointAuthMethod: AuthMethod
  readonly secrets: readonly ClientSecret[]
}

/** Looks a client up, to serve it. */
export interface ClientLookup {
  /** @returns undefined for one that is unknown or disabled */
  find(clientId: string): Promise<ServedClient | undefined>
}

export interface ClientRegistry extends ClientLookup {
  /**
   * Registers a client, or replaces its registration and secrets: for programs that bring a client and its secret with them.
   * Operators use `ClientAdministration`.
   *
   * @throws ZodError naming the field
   */
  upsert(registration: Registration): Promise<void>
}

export function createClientRegistry({ store, now }: ClientRegistryDependencies): ClientRegistry {
  return {
    async find(clientId) {
      const stored = await store.find(clientId)
      return stored === undefined || stored.disabledAt !== undefined ? undefined : readClient(stored)
    },

    async upsert(unverified) {
      const client = registrationSchema.parse(unverified)
      const { clientSecret } = client
      const secrets = clientSecret === undefined ? [] : [{ digest: digestClientSecret(clientSecret), createdAt: now() }]
      await store.upsert(recordOf(client, secrets), now())
    },
  }
}

/** What is stored. The method is written out: it must not change when a secret ends. */
export function recordOf(client: RegisteredClient, secrets: readonly ClientSecret[]): ClientRecord {
  const { clientId, clientSecret: _kept, ...registration } = client
  return { clientId, registration: { ...registration, tokenEndpointAuthMethod: authMethodOf(client) }, secrets }
}

/** @throws ZodError when the row is not one of ours */
export function readClient(stored: StoredClient): ServedClient {
  const secrets = clientSecretsSchema.parse(stored.secrets)
  const { clientSecret: _never, ...registration } = storedRegistrationSchema.parse({
    ...(stored.registration as object),
    clientId: stored.clientId,
  })
  const unwritten = secrets.length > 0 ? 'client_secret_basic' : authMethodOf(registration)
  return { ...registration, tokenEndpointAuthMethod: registration.tokenEndpointAuthMethod ?? unwritten, secrets }
}
