import type { ClientAdministration } from './client-administration.ts'

/** Port: what operators do with clients, each change in a transaction with its record in the audit log. */
export interface ClientWork<Actor> {
  /** To look only. */
  readonly clients: Pick<ClientAdministration, 'verify' | 'search' | 'show' | 'preview'>
  /** All that `work` does is done and told, or nothing. */
  change<Result>(actor: Actor, work: (clients: ClientAdministration) => Promise<Result>): Promise<Result>
}
