import type { DoctorDeps } from './doctor-deps.ts'
import { examineCard } from './examine-card.ts'
import { examineProviders } from './examine-providers.ts'
import type { Finding } from './finding.ts'

/** Every step once, all of them even after a failure elsewhere: a provider can be wrong while the card is right. Spends no try. */
export async function examine(deps: DoctorDeps): Promise<readonly Finding[]> {
  const [card, providers] = await Promise.all([examineCard(deps.access, deps.now), examineProviders(deps)])
  return [...card, ...providers]
}
