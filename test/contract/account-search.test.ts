import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AccountQuery } from '../../src/administration/account/account-search.ts'
import { createAccountSearch } from '../../src/storage/account-search.ts'
import { createMergeCandidates } from '../../src/storage/merge-candidates.ts'
import { identityOf as card } from '../support/certificate-identity.ts'
import { createMigratedDatabase, DATABASES, type TestDatabase } from '../support/databases.ts'
import { accepted, createSubjectWorld, type SubjectWorld } from '../support/subject-world.ts'

const NOW = new Date('2026-11-22T03:00:00Z')
const DAY_MS = 86_400_000
const after = (days: number): Date => new Date(NOW.getTime() + days * DAY_MS)
const BY = { actor: 'operator', reason: 'a test' } as const
const refusal = (code: string): unknown => expect.objectContaining({ name: 'Refusal', code })

describe.each(DATABASES)('finding accounts on $name', ({ createDatabase }) => {
  let made: TestDatabase
  let world: SubjectWorld
  beforeAll(async () => {
    made = await createMigratedDatabase(createDatabase)
    world = createSubjectWorld(made.database)
  })
  afterAll(() => made.remove())

  const signIn = (name: string) => accepted(world.resolve(card(name)))
  async function all(query: AccountQuery, limit = 50): Promise<readonly string[]> {
    const search = createAccountSearch(made.database)
    const found: string[] = []
    for (let cursor: string | undefined; ;) {
      const { accounts, next } = await search.search(query, { after: cursor, limit })
      expect(accounts.length).toBeLessThanOrEqual(limit)
      found.push(...accounts.map(({ accountId }) => accountId))
      if (next === undefined) return found
      cursor = next
    }
  }

  test.each(['no such sub', randomUUID(), "' OR 1=1 --", '%', '\u0000'.replace('\u0000', ' ')])(
    'nobody is found by %j, unless nothing was asked for',
    async (text) => {
      await signIn('somebody')
      expect(await all({ text })).toHaveLength(text.trim() === '' ? 1 : 0)
    },
  )

  test('by its id, by a card’s, by a sub of any site, by a site’s own id; a merged one with where it leads', async () => {
    const [one, other] = [await signIn('found one'), await signIn('found other')]
    const sub = await world.subjectFor(one.accountId, 'shop')
    await made.database.query(
      `INSERT INTO clients (client_id, registration, created_at, updated_at) VALUES ('shop', '{}', $1, $1)`,
      [NOW],
    )
    await made.database.query(
      `INSERT INTO external_accounts (client_id, external_id, account_id, linked_at) VALUES ('shop', 'member 7', $1, $2)`,
      [one.accountId, NOW],
    )
    const external = { clientId: 'shop', externalId: 'member 7' }
    for (const query of [
      ...[
        { text: one.accountId },
        { text: ` ${one.accountId.toUpperCase()} ` },
        { text: one.credentialId },
        { text: sub },
      ],
      { external },
    ]) {
      expect(await all(query)).toEqual([one.accountId])
    }
    expect(await all({ external: { clientId: 'bank', externalId: 'member 7' } })).toEqual([])
    expect(await all({ text: sub, status: 'suspended' })).toEqual([])
    await world.graph.merge({ accountId: one.accountId, into: other.accountId }, BY)
    expect(await all({ text: sub })).toEqual([one.accountId, other.accountId].toSorted())
  })

  test('by the state of the account and of a card, when it was made, last used and changed by hand', async () => {
    const [suspended, unlinked] = [await signIn('state suspended'), await signIn('state unlinked')]
    await world.graph.suspend(suspended.accountId, BY)
    const later = createSubjectWorld(made.database, { now: () => after(5) })
    await later.graph.unlink({ credentialId: unlinked.credentialId }, BY)
    const { accountId: fresh } = await accepted(later.resolve(card('state fresh')))
    expect(await all({ status: 'suspended' })).toEqual([suspended.accountId])
    expect(await all({ credentialStatus: 'unlinked' })).toEqual([unlinked.accountId])
    expect(await all({ credentialStatus: 'unlinked', credentialKind: 'phone-auth' })).toEqual([])
    expect(await all({ created: { from: after(5) } })).toEqual([fresh])
    expect(await all({ created: { until: after(5) }, status: 'suspended' })).toEqual([suspended.accountId])
    expect(await all({ operated: { from: after(4), until: after(6) } })).toEqual([unlinked.accountId])
    await accepted(later.resolve(card('state fresh')))
    expect(await all({ lastUsed: { from: after(5), until: after(6) } })).toEqual([fresh])
  })

  test('page by page, each one once; however few fit, a page looks at no more than it may', async () => {
    await made.database.query(
      `INSERT INTO accounts (id, status, created_at) SELECT gen_random_uuid(), 'active', $1 FROM generate_series(1, 45000)`,
      [after(-100)],
    )
    const search = createAccountSearch(made.database)
    const first = await search.search({ status: 'closed' }, { limit: 10 })
    expect(first).toMatchObject({ accounts: [], next: expect.any(String) as string })
    expect(await search.search({ status: 'closed' }, { limit: 10, after: first.next })).toMatchObject({
      next: undefined,
    })

    const seven = { created: { from: after(-1) } }
    const [whole, inPages] = [await all(seven), await all(seven, 2)]
    expect(inPages).toEqual(whole)
    expect(new Set(whole).size).toBe(whole.length)
    expect(whole.length).toBeGreaterThan(4)
  })

  describe('merge candidates', () => {
    const candidates = () => createMergeCandidates(made.database)
    const by = { actor: `admin:${randomUUID()}`, accountId: randomUUID(), role: 'linker' } as const
    async function candidate(name: string) {
      const [one, other] = [await signIn(`${name} 1`), await signIn(`${name} 2`)]
      const id = randomUUID()
      await made.database.query(
        'INSERT INTO merge_candidates (id, account_id, other_account_id, found_at) VALUES ($1, $2, $3, $4)',
        [id, one.accountId, other.accountId, NOW],
      )
      return { id, one: one.accountId, other: other.accountId }
    }

    test.each(['not an id', randomUUID()])('%s is none', async (id) => {
      await expect(candidates().dismiss(id, by, 'why', NOW)).rejects.toEqual(refusal('ADMIN_CANDIDATE_NOT_FOUND'))
    })

    test('dismissed by one of many, with a reason; never by whom it is about; found again, that is said', async () => {
      const { id, one, other } = await candidate('dismissed')
      await expect(candidates().dismiss(id, by, '  ', NOW)).rejects.toEqual(refusal('ADMIN_OPERATION_REFUSED'))
      const self = { actor: `admin:${other}`, accountId: other, role: 'owner' } as const
      await expect(candidates().dismiss(id, self, 'why', NOW)).rejects.toEqual(refusal('ADMIN_OWN_ACCOUNT'))
      const before = await candidates().countOpen()
      const ended = await Promise.allSettled([1, 2, 3].map((n) => candidates().dismiss(id, by, `twins ${n}`, NOW)))
      expect(ended.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
      expect(await candidates().countOpen()).toBe(before - 1)
      const { rows } = await made.database.query(
        `SELECT actor, account_id FROM audit_events WHERE type = 'merge_candidate.dismissed'`,
      )
      expect(rows).toEqual([{ actor: by.actor, account_id: one }])

      const again = randomUUID()
      await made.database.query(
        'INSERT INTO merge_candidates (id, account_id, other_account_id, found_at) VALUES ($1, $2, $3, $4)',
        [again, other, one, after(1)],
      )
      const open = await candidates().open({ limit: 10 })
      expect(open.find((found) => found.id === again)).toMatchObject({
        dismissedBefore: { reason: expect.stringMatching(/^twins/) as string },
      })
      const [first] = open
      expect((await candidates().open({ limit: 10, after: first?.id })).map((found) => found.id)).not.toContain(
        first?.id,
      )
    })
  })
})
