import type { Dispatcher } from 'undici'
import type { CardAccess } from '../card/with-card.ts'
import type { TrustList } from '../trust-list/trust-list.ts'

/** What an examination looks at. */
export interface DoctorDeps {
  readonly access: CardAccess
  readonly trustList: TrustList
  readonly dispatcher: Dispatcher
  readonly now: () => Date
}
