import type { AuditActor } from '../audit/audit-event.ts'

/** A program that may use the admin API. Its registration alone opens nothing there: an owner says what it may, here. */
export interface ApiClient {
  readonly clientId: string
  readonly scopes: readonly string[]
  readonly addedBy: AuditActor
  readonly addedAt: Date
}

/** Port: which programs those are. Each change is written together with its audit event. */
export interface ApiClientStore {
  list(): Promise<readonly ApiClient[]>
  find(clientId: string): Promise<ApiClient | undefined>
  /** Or changes its scopes. */
  put(client: ApiClient): Promise<void>
  /** @returns false when it was none */
  remove(clientId: string, actor: AuditActor, at: Date): Promise<boolean>
}
