import { issuingGeneration, type Generation } from '../certificate/certificate-authority.ts'
import type { Holder } from '../certificate/make-leaf.ts'
import { birthdayOf, type PersonaPlan } from '../persona/persona-plan.ts'
import { HANDLERS, noteIssued, type Scene } from './apply-life-event.ts'
import { issueToken } from './issue-token.ts'
import {
  LifeEventRefused,
  type CertificateChange,
  type LifeEvent,
  type LifeEventName,
  type LifeEventOrder,
} from './life-event.ts'
import { settlePersonas, type SettleDeps } from './settle-personas.ts'
import { supersedeForerunners } from './supersede-forerunners.ts'
import type { Resident } from './token.ts'

export interface PeopleDeps extends SettleDeps {
  readonly now: () => Date
  /** Makes the CA of a generation that has come due; both purposes. */
  readonly openGeneration: (generation: Generation) => Promise<unknown>
}

/** Everybody, with their cards and phones. Two personas may be one person. */
export interface People {
  /** @throws RangeError for a name that is no persona */
  find(persona: string): Resident
  list(): readonly Resident[]
  isAlive(person: string): boolean
  /** This persona's card is in the world from now on: what it replaced is revoked. @throws RangeError */
  appear(persona: string): Resident
  /** @throws LifeEventRefused when it cannot happen; then nothing has */
  readonly happen: (order: LifeEventOrder) => Promise<LifeEvent>
  readonly onEvent: (listener: (event: LifeEvent) => void) => () => void
}

const SOMEBODY: Holder = {
  name: '関所　新',
  sex: '3',
  birthDate: '419901010',
  address: '架空県関所市本町三丁目３番３号',
}
const PERSONA_NAME = /^[a-z][a-z0-9-]{0,63}$/
/** Events that make new certificates. */
const ISSUING: readonly LifeEventName[] = ['issue', 'renew', 'reissue', 'phone']

export function createPeople(deps: PeopleDeps, plans: readonly PersonaPlan[]): People {
  const { calendar, now } = deps
  const residents = new Map(settlePersonas(deps, plans).map((resident) => [resident.persona, resident]))
  const dead = new Set(plans.filter(({ hasDied }) => hasDied).map(({ name, person = name }) => person))
  /** Personas whose card is no longer theirs, because another persona has appeared. */
  const replaced = new Set<string>()
  const listeners = new Set<(event: LifeEvent) => void>()
  let happened = 0

  const find = (persona: string): Resident => {
    const found = residents.get(persona)
    if (found === undefined) throw new RangeError(`no persona is called ${JSON.stringify(persona)}`)
    return found
  }

  const change = (scene: Scene, order: LifeEventOrder): Resident => {
    if (order.event === 'issue') return welcome(scene, order.persona, order.holder ?? SOMEBODY)
    const before = residents.get(order.persona)
    if (before === undefined) throw new LifeEventRefused('PERSONA_UNKNOWN')
    if (dead.has(before.person)) throw new LifeEventRefused('PERSON_DEAD')
    if (!/^authentication-\d+$/.test(before.card.authentication.authority)) throw new LifeEventRefused('CARD_FOREIGN')
    if (replaced.has(before.persona)) throw new LifeEventRefused('CARD_REPLACED')
    if (before.card.medium === 'phone') throw new LifeEventRefused('NO_CARD')
    // each handler takes the order that bears its name
    const handle = HANDLERS[order.event] as (scene: Scene, before: Resident, order: LifeEventOrder) => Resident
    return handle(scene, before, order)
  }

  const welcome = (scene: Scene, persona: string, holder: Holder): Resident => {
    if (!PERSONA_NAME.test(persona)) throw new LifeEventRefused('PERSONA_NAME_MALFORMED')
    if (residents.has(persona)) throw new LifeEventRefused('PERSONA_TAKEN')
    const birthday = birthdayOf(holder)
    const whose = { persona, person: persona, holder, birthday }
    const card = issueToken(deps, {
      ...whose,
      medium: 'card',
      label: `persona ${persona}`,
      generation: scene.generation,
      notBefore: wholeSecond(scene.at),
    })
    noteIssued(scene, card, undefined)
    return { ...whose, card, phone: undefined, issued: { card: 1, phone: 0 } }
  }

  const appear = (persona: string): Resident => {
    const resident = find(persona)
    supersedeForerunners(deps.registry, resident.card, now())
    for (const older of forerunnersOf(plans, persona)) replaced.add(older)
    return resident
  }

  return {
    find,
    list: () => [...residents.values()],
    isAlive: (person) => !dead.has(person),
    appear,
    async happen(order) {
      const at = now()
      const generation = issuingGeneration(calendar, at)
      if (ISSUING.includes(order.event)) await deps.openGeneration(generation)
      const changes: CertificateChange[] = []
      const bury = (person: string): unknown => dead.add(person)
      const after = change({ ...deps, at, generation, changes, bury }, order)
      residents.set(after.persona, after)
      appear(after.persona)
      happened += 1
      const { persona, person } = after
      const event = { number: happened, event: order.event, persona, person, at, changes }
      for (const listener of listeners) listener(event)
      return event
    },
    onEvent(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

/** Personas that are the same person earlier on. */
function forerunnersOf(plans: readonly PersonaPlan[], persona: string): readonly string[] {
  const older = plans.find(({ name }) => name === persona)?.replaces?.persona
  return older === undefined ? [] : [older, ...forerunnersOf(plans, older)]
}

const wholeSecond = (at: Date): Date => new Date(Math.floor(at.getTime() / 1000) * 1000)
