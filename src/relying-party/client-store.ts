import type { ClientSecret } from './client-secret.ts'

/** What is written of a client. */
export interface ClientRecord {
  readonly clientId: string
  /** JSON, without any secret. */
  readonly registration: object
  readonly secrets: readonly ClientSecret[]
}

/** A client as it is stored; parsed by whoever reads it, since another release may have written it. */
export interface StoredClient {
  readonly clientId: string
  readonly registration: unknown
  readonly secrets: unknown
  /** Rises with every change, from 1. */
  readonly version: number
  readonly createdAt: Date
  readonly updatedAt: Date
  readonly disabledAt: Date | undefined
}

/** What operators look for among many. */
export interface ClientSearch {
  /** In the id, a name or the owner, whatever the case; empty for all. */
  readonly text?: string
  readonly status?: 'enabled' | 'disabled' | undefined
  /** Behind this id. */
  readonly after?: string | undefined
  readonly limit: number
}

/** Port: where the registrations are. */
export interface ClientStore {
  /** Disabled ones too. */
  find(clientId: string): Promise<StoredClient | undefined>
  /** All of them, by client id. */
  list(): Promise<readonly StoredClient[]>
  /** By client id, at most `limit`. */
  search(search: ClientSearch): Promise<readonly StoredClient[]>
  /** @returns false when there is one of that id already */
  insert(client: ClientRecord, at: Date): Promise<boolean>
  /** @returns false when it is not at this version any more: somebody else changed it, or it is gone */
  replace(client: ClientRecord, version: number, at: Date): Promise<boolean>
  /** Inserts, or replaces what was there whatever it was; a disabled client stays disabled. */
  upsert(client: ClientRecord, at: Date): Promise<void>
  /** @returns false when there is no such client */
  setDisabled(clientId: string, disabled: boolean, at: Date): Promise<boolean>
}
