import type { Dispatcher } from 'undici'
import type { CardAccess } from '../card/with-card.ts'
import type { TrustList } from '../trust-list/trust-list.ts'
import { examineCard } from './examine-card.ts'
import { examineProviders } from './examine-providers.ts'
import type { Finding } from './finding.ts'

export interface DoctorDeps {
  readonly access: CardAccess
  readonly trustList: TrustList
  readonly dispatcher: Dispatcher
  readonly now: () => Date
}

/** Every step once, all of them even after a failure elsewhere: a provider can be wrong while the card is right. Spends no try. */
export async function examine(deps: DoctorDeps): Promise<readonly Finding[]> {
  const card = await examineCard(deps.access, deps.now)
  const providers = await examineProviders(deps)
  return [...card, ...providers]
}
