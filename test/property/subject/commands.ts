import fc from 'fast-check'
import { expect } from 'vitest'
import type { Database } from '../../../src/storage/database.ts'
import type { Peppers } from '../../../src/subject/credential-handle.ts'
import type { Author } from '../../../src/subject/graph/create-account-graph.ts'
import type { Resolution } from '../../../src/subject/resolution.ts'
import { identityOf } from '../../support/certificate-identity.ts'
import { createScriptedLinkage, type ScriptedLinkage } from '../../support/scripted-linkage.ts'
import { createSubjectWorld, NEXT_PEPPER, PEPPER, type SubjectWorld } from '../../support/subject-world.ts'
import type { ReferenceModel } from './reference-model.ts'

export const SECTORS = ['shop', 'bank', 'town'] as const
const BY: Author = { actor: 'operator', reason: 'a property' }
/** Each is known to the one before it, so two neighbours may run at once. */
const PEPPER_STEPS: readonly Peppers[] = [[PEPPER], [PEPPER, NEXT_PEPPER], [NEXT_PEPPER, PEPPER]]

/** The system under test: two processes' worth of pools, one database, one nation. */
export interface Real {
  readonly prefix: string
  readonly databases: readonly [Database, Database]
  readonly nation: ScriptedLinkage
}

export function newReal(databases: Real['databases'], prefix: string): Real {
  return { prefix, databases, nation: createScriptedLinkage() }
}

const cardOf = (real: Real, person: number, n: number) => identityOf(`${real.prefix} ${person}#${n}`)

/** The second process is a step behind in changing the pepper. */
function world(model: ReferenceModel, real: Real, process: 0 | 1): SubjectWorld {
  const step = Math.max(0, model.pepperStep - process)
  return createSubjectWorld(real.databases[process], {
    linkage: model.isConfigured ? real.nation.previous : { style: 'none' },
    peppers: PEPPER_STEPS[step] ?? [PEPPER],
  })
}

/** One answer, against what the model says, and what the site is told then. */
async function check(
  model: ReferenceModel,
  subjects: SubjectWorld,
  [person, n]: readonly [number, number],
  sector: string,
  resolution: Resolution,
  /** Of several at once only the first can be the one that creates. */
  isFirst = true,
): Promise<void> {
  const expected = model.expect(person, n)
  if (expected.outcome === 'refused') {
    expect(resolution).toEqual(expected)
    return
  }
  if (resolution.outcome !== 'known' && resolution.outcome !== 'created') {
    throw new Error(`person ${person}, card ${n}: ${JSON.stringify(resolution)} instead of ${JSON.stringify(expected)}`)
  }
  const { accountId } = resolution
  if (expected.outcome === 'known') expect(accountId).toBe(expected.accountId)
  else expect(model.accounts.has(accountId)).toBe(false)
  if (isFirst) expect(resolution.outcome).toBe(expected.outcome)
  model.accept(person, n, accountId)
  const sub = await subjects.subjectFor(accountId, sector)
  expect(model.call(person, accountId, sector, sub)).toBeUndefined()
}

type Step = fc.AsyncCommand<ReferenceModel, Real>

const step = (
  name: string,
  run: (model: ReferenceModel, real: Real) => Promise<void>,
  isPossible: (model: ReferenceModel) => boolean = () => true,
): Step => ({ check: isPossible, run, toString: () => name })

/** The city office renews somebody's card. */
const renew = (person: number): Step =>
  step(
    `renew(${person})`,
    (model, real) => {
      const n = model.latest(person) + 1
      model.cardsOf.set(person, n + 1)
      real.nation.replaces(cardOf(real, person, n), cardOf(real, person, n - 1), n % 2 === 0 ? 'reissued' : 'renewed')
      return Promise.resolve()
    },
    (model) => model.latest(person) < 12,
  )

const logIn = (person: number, back: number, sector: string, process: 0 | 1): Step =>
  step(`logIn(${person}, -${back}, ${sector}, ${process})`, async (model, real) => {
    const n = Math.max(0, model.latest(person) - back)
    const here = world(model, real, process)
    await check(model, here, [person, n], sector, await here.resolve(cardOf(real, person, n)))
  })

/** Many people at once, and some of them several times at once. */
const crowd = (people: readonly number[], sector: string): Step =>
  step(`crowd(${people.join(' ')}, ${sector})`, async (model, real) => {
    const both = [world(model, real, 0), world(model, real, 1)] as const
    const answers = await Promise.all(
      people.flatMap((person) => both.map((here) => here.resolve(cardOf(real, person, model.latest(person))))),
    )
    const ordered = people.flatMap((person, index) =>
      [answers[index * 2], answers[index * 2 + 1]].map((answer) => ({ person, answer })),
    )
    // whoever created came first
    ordered.sort(
      (one, other) => Number(other.answer?.outcome === 'created') - Number(one.answer?.outcome === 'created'),
    )
    const met = new Set<number>()
    for (const { person, answer } of ordered) {
      if (answer === undefined) throw new Error('an answer is missing')
      await check(model, both[0], [person, model.latest(person)], sector, answer, !met.has(person))
      met.add(person)
    }
  })

/** The new card and the ones before it, all at once: one account, and in the end the newest card is the one in use. */
const wholeChainAtOnce = (person: number, sector: string): Step =>
  step(
    `wholeChainAtOnce(${person}, ${sector})`,
    async (model, real) => {
      const both = [world(model, real, 0), world(model, real, 1)] as const
      const latest = model.latest(person)
      const cards = Array.from({ length: latest + 1 }, (_, n) => n)
      const expected = model.expect(person, latest)
      const answers = await Promise.all(cards.flatMap((n) => both.map((here) => here.resolve(cardOf(real, person, n)))))
      const accounts = new Set(answers.flatMap((one) => ('accountId' in one ? [one.accountId] : [])))
      const codes = new Set(answers.flatMap((one) => ('code' in one ? [one.code] : [])))
      expect([...codes].filter((code) => code !== 'LINK_CREDENTIAL_SUPERSEDED')).toEqual([])
      expect(accounts.size).toBe(1)
      const [accountId = ''] = accounts
      if (expected.outcome === 'known') expect(accountId).toBe(expected.accountId)
      model.accept(person, latest, accountId)
      const sub = await both[0].subjectFor(accountId, sector)
      expect(model.call(person, accountId, sector, sub)).toBeUndefined()
    },
    // otherwise it is refused, or somebody was confused before
    (model) =>
      model.isConfigured &&
      !model.isDown &&
      !model.confused.has(person) &&
      model.expect(person, model.latest(person)).outcome !== 'refused',
  )

const outage = (isDown: boolean): Step =>
  step(`outage(${isDown})`, (model, real) => {
    model.isDown = isDown
    if (isDown) real.nation.goDown()
    else real.nation.comeBack()
    return Promise.resolve()
  })

const configured = (isConfigured: boolean): Step =>
  step(`configured(${isConfigured})`, (model) => {
    model.isConfigured = isConfigured
    return Promise.resolve()
  })

const changePepper = (): Step =>
  step('changePepper', (model) => {
    model.pepperStep = Math.min(PEPPER_STEPS.length - 1, model.pepperStep + 1)
    return Promise.resolve()
  })

/** Accounts that a person's cards lead to. */
function accountsOf(model: ReferenceModel, person: number): string[] {
  const homes = Array.from({ length: model.latest(person) + 1 }, (_, n) => model.cards.get(`${person}#${n}`)?.home)
  return [...new Set(homes.flatMap((home) => (home === undefined ? [] : [model.survivor(home).id])))]
}

function mergePair(model: ReferenceModel, one: number, other: number): readonly [string, string] | undefined {
  const [accountId, into] =
    one === other ? accountsOf(model, one) : [accountsOf(model, one)[0], accountsOf(model, other)[0]]
  if (accountId === undefined || into === undefined || accountId === into) return undefined
  const active = [accountId, into].every((id) => model.account(id).status === 'active')
  return active ? [accountId, into] : undefined
}

/** Of one person with two accounts; or of two people, by mistake. */
const merge = (one: number, other: number): Step =>
  step(
    `merge(${one}, ${other})`,
    async (model, real) => {
      const pair = mergePair(model, one, other)
      if (pair === undefined) throw new Error('nothing to merge')
      const [accountId, into] = pair
      model.merge(await world(model, real, 0).graph.merge({ accountId, into }, BY), accountId, into)
      for (const person of peopleOf(model, [accountId, into])) model.confused.add(person)
    },
    (model) => mergePair(model, one, other) !== undefined,
  )

function peopleOf(model: ReferenceModel, accountIds: readonly string[]): number[] {
  return [...model.cards]
    .filter(([, { home }]) => accountIds.includes(model.survivor(home).id) || accountIds.includes(home))
    .map(([name]) => Number(name.split('#')[0]))
}

const cardsIn = (model: ReferenceModel, accountId: string): string[] =>
  [...model.cards].filter(([, { home }]) => model.survivor(home).id === accountId).map(([name]) => name)

const split = (person: number): Step =>
  step(
    `split(${person})`,
    async (model, real) => {
      const here = world(model, real, 0)
      const [accountId = ''] = accountsOf(model, person)
      const names = cardsIn(model, accountId)
      const moving = names.slice(0, Math.ceil(names.length / 2))
      const credentialIds = await credentialIdsOf(real, here, model, moving)
      const { operationId, newAccountId } = await here.graph.split({ accountId, credentialIds }, BY)
      for (const one of peopleOf(model, [accountId])) model.confused.add(one)
      model.split(operationId, accountId, newAccountId, moving)
    },
    (model) => {
      const [accountId] = accountsOf(model, person)
      return accountId !== undefined && cardsIn(model, accountId).length > 1
    },
  )

const suspend = (person: number): Step =>
  step(
    `suspend(${person})`,
    async (model, real) => {
      const [accountId = ''] = accountsOf(model, person)
      model.suspend(await world(model, real, 1).graph.suspend(accountId, BY), accountId)
    },
    (model) => {
      const [accountId] = accountsOf(model, person)
      return accountId !== undefined && model.account(accountId).status === 'active'
    },
  )

const unlink = (person: number): Step =>
  step(
    `unlink(${person})`,
    async (model, real) => {
      const here = world(model, real, 0)
      const name = `${person}#${model.latest(person)}`
      const [credentialId = ''] = await credentialIdsOf(real, here, model, [name])
      model.unlink(await here.graph.unlink({ credentialId }, BY), name)
    },
    (model) => model.cards.get(`${person}#${model.latest(person)}`)?.state === 'current',
  )

const undo = (back: number): Step =>
  step(
    `undo(-${back})`,
    async (model, real) => {
      const operation = model.undoable(model.operations.length - 1 - back)
      if (operation === undefined) throw new Error('nothing to undo')
      await world(model, real, 1).graph.undo(operation.id, BY)
      operation.undo()
      operation.undone = true
    },
    (model) => model.undoable(model.operations.length - 1 - back) !== undefined,
  )

/** The database's ids of cards that the model names. */
async function credentialIdsOf(
  real: Real,
  here: SubjectWorld,
  model: ReferenceModel,
  names: readonly string[],
): Promise<string[]> {
  const { createChainStore } = await import('../../../src/storage/chain-store.ts')
  const { pepperHandle, underEachPepper } = await import('../../../src/subject/credential-handle.ts')
  const chains = createChainStore(real.databases[0])
  const ids: string[] = []
  for (const name of names) {
    const [person = '', n = ''] = name.split('#')
    const identity = cardOf(real, Number(person), Number(n))
    const found = await chains.find(underEachPepper([NEXT_PEPPER, PEPPER], (pepper) => pepperHandle(pepper, identity)))
    if (found === undefined) throw new Error(`card ${name} was acknowledged, and is lost`)
    // whatever was done to it, the database and the model agree on where it is
    expect(found.homeAccountId).toBe(model.card(name).home)
    ids.push(found.credentialId)
  }
  return ids
}

/** Whoever was ever let in is still let in, as the same one, and called the same. */
export async function checkEverybody(model: ReferenceModel, real: Real): Promise<void> {
  real.nation.comeBack()
  model.isDown = false
  model.isConfigured = true
  const here = world(model, real, 0)
  await credentialIdsOf(real, here, model, [...model.cards.keys()])
  for (const person of new Set([...model.cards.keys()].map((name) => Number(name.split('#')[0])))) {
    const n = model.latest(person)
    await check(model, here, [person, n], 'shop', await here.resolve(cardOf(real, person, n)))
  }
  const { rows } = await real.databases[0].query<{ sub: string }>('SELECT sub FROM subjects WHERE sub = ANY ($1)', [
    [...model.issued.keys()],
  ])
  expect(rows).toHaveLength(model.issued.size)
}

/** A few people to whom much happens, and hundreds who come in crowds. */
const known = fc.nat(5)
const anybody = fc.oneof({ arbitrary: known, weight: 1 }, { arbitrary: fc.nat(299), weight: 2 })
const sector = fc.constantFrom(...SECTORS)
const process = fc.constantFrom(0 as const, 1 as const)

export const histories = fc.commands<ReferenceModel, Real, false>(
  [
    known.map(renew),
    known.map(renew),
    fc.tuple(known, fc.constantFrom(0, 0, 0, 1, 2), sector, process).map((args) => logIn(...args)),
    fc.tuple(known, fc.constantFrom(0, 0, 0, 1, 2), sector, process).map((args) => logIn(...args)),
    fc.tuple(fc.uniqueArray(anybody, { minLength: 1, maxLength: 12 }), sector).map((args) => crowd(...args)),
    fc.tuple(known, sector).map((args) => wholeChainAtOnce(...args)),
    fc.constantFrom(true, false, false).map(outage),
    fc.constantFrom(true, true, false).map(configured),
    fc.constant(changePepper()),
    known.map((person) => merge(person, person)),
    fc.tuple(known, known).map((args) => merge(...args)),
    known.map(split),
    known.map(suspend),
    known.map(unlink),
    fc.nat(3).map(undo),
    fc.nat(3).map(undo),
  ],
  { size: 'max', maxCommands: 120 },
)
