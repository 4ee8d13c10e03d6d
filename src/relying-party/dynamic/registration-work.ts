import type { ClientAdministration } from '../client-administration.ts'
import type { ConfigurationTokenStore, RegistrationTokenStore } from './registration-token.ts'

/** What one request works with; all of it is done, or nothing. */
export interface RegistrationWork {
  readonly clients: ClientAdministration
  readonly tokens: Pick<RegistrationTokenStore, 'find' | 'take'>
  readonly configurationTokens: ConfigurationTokenStore
  /** Tells the audit log. */
  readonly tell: (change: 'registered_itself' | 'updated_itself' | 'deleted_itself', clientId: string) => Promise<void>
}
