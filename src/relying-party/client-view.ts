import { readClient, type ServedClient } from './client-registry.ts'
import { isLive } from './client-secret.ts'
import type { StoredClient } from './client-store.ts'

/** A client as operators see it: no secret, and no digest of one. */
export type ClientView = Omit<ServedClient, 'secrets'> & {
  readonly status: 'enabled' | 'disabled'
  /** For `update`: the change was made from this one. */
  readonly version: number
  readonly createdAt: Date
  readonly updatedAt: Date
  readonly disabledAt: Date | undefined
  /** Those that are accepted now; two while one replaces the other. */
  readonly secrets: readonly { readonly createdAt: Date; readonly endsAt: Date | undefined }[]
}

export function viewOf(stored: StoredClient, now: Date): ClientView {
  const { secrets, ...client } = readClient(stored)
  const { version, createdAt, updatedAt, disabledAt } = stored
  return {
    ...client,
    status: disabledAt === undefined ? 'enabled' : 'disabled',
    version,
    createdAt,
    updatedAt,
    disabledAt,
    secrets: secrets
      .filter((secret) => isLive(secret, now))
      .map(({ createdAt: since, endsAt }) => ({ createdAt: since, endsAt })),
  }
}
