import type { Calendar } from '../certificate/calendar.ts'
import { drawSerialNumber } from '../create-issuer.ts'
import type { KeyStore } from '../key/create-key-store.ts'
import type { PersonaPlan } from '../persona/persona-plan.ts'
import type { CertificateKey, CertificateRegistry } from '../registry.ts'
import { issueToken } from './issue-token.ts'
import type { Resident, Token } from './token.ts'

export interface SettleDeps {
  readonly keys: KeyStore
  readonly registry: CertificateRegistry
  readonly calendar: Calendar
}

/**
 * Enters the personas in the registry, before anybody asks for their cards: OCSP and linkage know a card that an earlier process
 * made. A persona that replaces another one must come after it.
 */
export function settlePersonas(deps: SettleDeps, plans: readonly PersonaPlan[]): readonly Resident[] {
  const residents = new Map<string, Resident>()
  for (const plan of plans) residents.set(plan.name, settle(deps, plan, residents))
  return [...residents.values()]
}

function settle(deps: SettleDeps, plan: PersonaPlan, others: ReadonlyMap<string, Resident>): Resident {
  const { calendar } = deps
  const { name, person = name, holder, birthday, replaces, revoked } = plan
  const replaced = replaces && others.get(replaces.persona)?.card
  const card = issueToken(deps, {
    persona: name,
    person,
    medium: plan.medium ?? 'card',
    label: `persona ${name}`,
    generation: plan.generation,
    notBefore: calendar.date(...plan.issued),
    birthday,
    holder,
    replaces: replaced && { token: replaced, relation: replaces.relation },
    status: revoked
      ? { status: 'revoked', at: calendar.date(...revoked.at), reason: revoked.reason }
      : { status: 'good' },
    linkage: plan.linkage,
    inAuthenticationSlot: plan.inAuthenticationSlot,
    triesLeft: plan.triesLeft,
  })
  if (plan.forerunners !== undefined) addForerunners(deps, plan, card, plan.forerunners)
  return { persona: name, person, holder, birthday, card, phone: undefined, issued: { card: 1, phone: 0 } }
}

/** Certificates that somebody had and renewed: a number each, no key. */
function addForerunners(
  { keys, registry }: SettleDeps,
  { name }: PersonaPlan,
  { authentication }: Token,
  { count, inCircle = false }: NonNullable<PersonaPlan['forerunners']>,
): void {
  const { authority } = authentication
  const card = registry.find(authority, authentication.serialNumber)
  if (card === undefined) throw new RangeError('no such certificate was issued')
  let previous: CertificateKey | undefined = inCircle ? { authority, serialNumber: card.serialNumber } : undefined
  for (let index = 1; index <= count; index += 1) {
    const serialNumber = drawSerialNumber(keys, registry, 'authentication', `persona ${name} forerunner ${index}`)
    registry.register({
      authority,
      serialNumber,
      holder: `${name} forerunner ${index}`,
      person: name,
      previous,
      status: { status: 'revoked', at: authentication.notBefore, reason: 'superseded' },
    })
    previous = { authority, serialNumber }
  }
  registry.register({ ...card, previous })
}
