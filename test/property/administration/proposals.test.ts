import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createProposals } from '../../../src/administration/proposal/create-proposals.ts'
import type { Decider, Proposal } from '../../../src/administration/proposal/proposal.ts'
import type { ProposedAct } from '../../../src/administration/proposal/proposed-act.ts'
import { Refusal } from '../../../src/error-registry/refusal.ts'
import { createAccountNotices } from '../../../src/storage/account-notices.ts'
import { createProposalStore } from '../../../src/storage/proposal-store.ts'
import { GRAPH_ACTS } from '../../../src/subject/graph/account-graph-store.ts'
import { presentedSubjects } from '../../../src/subject/graph/find-in-snapshot.ts'
import { identityOf } from '../../support/certificate-identity.ts'
import { createMigratedDatabase, DATABASES, type TestDatabase } from '../../support/databases.ts'
import { accepted, createSubjectWorld } from '../../support/subject-world.ts'

const [postgres] = DATABASES
const NOW = new Date('2026-11-22T03:00:00Z')
const PEOPLE = 4
let made: TestDatabase

beforeAll(async () => {
  made = await createMigratedDatabase(postgres.createDatabase)
})
afterAll(() => made.remove())

const pick = fc.nat({ max: 1000 })
const steps = fc.array(
  fc.record({
    kind: fc.constantFrom('propose', 'propose', 'propose', 'decide', 'decide', 'site'),
    act: fc.constantFrom(...GRAPH_ACTS),
    who: pick,
    one: pick,
    other: pick,
    how: fc.constantFrom('approve', 'approve', 'approve', 'reject', 'withdraw'),
  }),
  { minLength: 10, maxLength: 25 },
)

/**
 * Whatever administrators propose, approve, reject and take back, in whatever order and at once: nothing is done that two did not want,
 * what is done is done once and told, and nobody is ever called by another person's sub.
 */
test('attacks 39, 44: random histories of proposals keep what they must', async () => {
  let executed = 0
  await fc.assert(
    fc.asyncProperty(steps, async (history) => {
      const name = randomUUID()
      const world = createSubjectWorld(made.database)
      const proposals = createProposals({
        store: createProposalStore(made.database),
        policy: new Set(GRAPH_ACTS.filter((act) => act !== 'suspend')),
        limitMs: 1000,
        now: () => NOW,
        newId: randomUUID,
      })
      const cards: { readonly person: number; readonly credentialId: string }[] = []
      const admins: Decider[] = []
      for (let person = 0; person < PEOPLE; person++) {
        for (const n of [0, 1]) {
          const { credentialId } = await accepted(world.resolve(identityOf(`${name} ${person} ${n}`)))
          cards.push({ person, credentialId })
        }
        const { accountId } = await accepted(world.resolve(identityOf(`${name} admin ${person}`)))
        await made.database.query(`INSERT INTO admins (account_id, role, at) VALUES ($1, 'linker', $2)`, [
          accountId,
          NOW,
        ])
        admins.push({ actor: `admin:${accountId}`, accountId, role: 'linker' })
      }
      const accountIds = async (): Promise<readonly string[]> => {
        const { rows } = await made.database.query<{ account_id: string }>(
          'SELECT DISTINCT account_id FROM credentials WHERE id = ANY ($1) ORDER BY 1',
          [cards.map(({ credentialId }) => credentialId)],
        )
        return rows.map((row) => row.account_id)
      }
      const of = <Item>(list: readonly Item[], n: number): Item => {
        const item = list[n % list.length]
        if (item === undefined) throw new Error('an empty list')
        return item
      }
      const waiting: Proposal[] = []
      /** What was refused is refused; anything else is a fault. */
      const orRefused = async <Result>(work: Promise<Result>): Promise<Result | undefined> =>
        work.catch((fault: unknown) => {
          if (fault instanceof Refusal && fault.code.startsWith('ADMIN_')) return undefined
          throw fault
        })

      for (const { kind, act, who, one, other, how } of history) {
        const by = of(admins, who)
        const ids = await accountIds()
        if (kind === 'site') {
          await world.subjectFor(of(ids, one), of(['shop', 'bank'], other))
        } else if (kind === 'propose') {
          const [accountId, credentialId] = [of(ids, one), of(cards, other).credentialId]
          const operations = await world.graph.history(accountId)
          const proposed = proposedOf(act, { accountId, credentialId, into: of(ids, other), operations })
          if (proposed === undefined) continue
          const preview = await orRefused(proposals.preview(proposed, by))
          if (preview === undefined) continue
          const { version } = preview
          const proposal = await proposals.propose({ proposed, reason: 'a property', version }, by)
          waiting.push(proposal)
        } else if (waiting.length > 0) {
          const { id } = of(waiting, one)
          const deciders = [by, of(admins, who + 1), of(admins, who + 2)]
          await Promise.all(
            deciders.map((decider) =>
              orRefused(how === 'reject' ? proposals.reject(id, decider, 'no') : proposals[how](id, decider)),
            ),
          )
        }
      }

      const about = { accountIds: await accountIds() }
      const all = await proposals.list(about, { limit: 500 })
      const done = all.filter(({ state }) => state === 'executed')
      executed += done.length
      const operations = new Set<string>()
      for (const accountId of about.accountIds)
        for (const { id } of await world.graph.history(accountId)) operations.add(id)
      // nothing was done but what was proposed, once each
      expect([...operations].toSorted()).toEqual(done.map(({ closed }) => closed?.operationId).toSorted())
      for (const { needs, closed, proposer } of done) {
        expect(needs === 'nobody').toBe(closed?.by.actor === proposer.actor)
      }
      // each is in the log as often as it was decided, and told to those whom it is about
      const { rows } = await made.database.query<{ id: string; count: number }>(
        `SELECT details ->> 'proposalId' AS id, count(*)::int AS count FROM audit_events WHERE details ->> 'proposalId' = ANY ($1) GROUP BY 1`,
        [all.map(({ id }) => id)],
      )
      const logged = new Map(rows.map(({ id, count }) => [id, count]))
      for (const { id, state, needs } of all) {
        expect(logged.get(id)).toBe(state === 'open' || needs === 'nobody' ? 1 : 2)
      }
      const notices = createAccountNotices(made.database)
      const told = new Set<string>()
      for (const accountId of about.accountIds) {
        for (const { operationId } of await notices.all(accountId, 500)) told.add(operationId)
      }
      expect(told).toEqual(operations)
      // no two who are not one are called the same anywhere
      const seen = new Map<string, string>()
      for (const id of about.accountIds) {
        const { accountId, snapshot } = await world.graph.show(id)
        for (const { sector, sub } of presentedSubjects(snapshot, accountId)) {
          expect(seen.get(`${sector} ${sub}`) ?? accountId).toBe(accountId)
          seen.set(`${sector} ${sub}`, accountId)
        }
      }
    }),
    { numRuns: Number(process.env['PROPOSAL_RUNS'] ?? 4), interruptAfterTimeLimit: 15_000, endOnFailure: true },
  )
  expect(executed).toBeGreaterThan(2)
}, 90_000)

function proposedOf(
  act: (typeof GRAPH_ACTS)[number],
  given: {
    readonly accountId: string
    readonly credentialId: string
    readonly into: string
    readonly operations: readonly { readonly id: string }[]
  },
): ProposedAct | undefined {
  const { accountId, credentialId, into, operations } = given
  switch (act) {
    case 'link':
      return { act, accountId, credentialId }
    case 'unlink':
      return { act, credentialId }
    case 'merge':
      return { act, accountId, into }
    case 'split':
      return { act, accountId, credentialIds: [credentialId] }
    case 'undo':
      return operations[0] && { act, operationId: operations[0].id }
    default:
      return { act, accountId }
  }
}
