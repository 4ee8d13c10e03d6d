import { open, seal } from '../sealing/seal.ts'
import type { ClientStore } from './client-store.ts'
import { registrationSchema, type RegisteredClient, type Registration } from './registration.ts'

export interface ClientRegistryDependencies {
  readonly store: ClientStore
  /** 32 octets, kept outside the database. */
  readonly sealingKey: Uint8Array
  readonly now: () => Date
}

export interface ClientRegistry {
  find(clientId: string): Promise<RegisteredClient | undefined>
  /**
   * Registers a client, or replaces its registration and secret.
   *
   * @throws ZodError naming the field
   */
  upsert(registration: Registration): Promise<void>
}

export function createClientRegistry({ store, sealingKey, now }: ClientRegistryDependencies): ClientRegistry {
  return {
    async find(clientId) {
      const stored = await store.find(clientId)
      if (stored === undefined) return undefined
      const { registration, sealedSecret } = stored
      return registrationSchema.parse({
        ...(registration as object),
        clientId,
        ...(sealedSecret && {
          clientSecret: open(sealingKey, sealingPurpose(clientId), sealedSecret).toString('utf8'),
        }),
      })
    },

    async upsert(unverified) {
      const { clientId, clientSecret, ...registration } = registrationSchema.parse(unverified)
      const sealedSecret =
        clientSecret === undefined
          ? undefined
          : seal(sealingKey, sealingPurpose(clientId), Buffer.from(clientSecret, 'utf8'))
      await store.upsert({ clientId, registration, sealedSecret }, now())
    },
  }
}

/** client_secret_basic compares the secret itself, so it must be readable here; bound to its client, it is of no use elsewhere. */
function sealingPurpose(clientId: string): string {
  return `client secret ${clientId}`
}
