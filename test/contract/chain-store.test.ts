import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Database } from '../../src/storage/database.ts'
import { openDatabase } from '../../src/storage/open-database.ts'
import { identityOf as card } from '../support/certificate-identity.ts'
import { createMigratedDatabase, DATABASES, type TestDatabase } from '../support/databases.ts'
import { createScriptedLinkage } from '../support/scripted-linkage.ts'
import {
  accepted,
  countSubjectRows,
  createSubjectWorld,
  NEXT_PEPPER,
  PEPPER,
  type SubjectWorld,
} from '../support/subject-world.ts'

const LATER = new Date('2035-01-01T00:00:00Z')

/** `a0` is the first card of person `a`, `a1` replaced it, … */
function chain(nation: ReturnType<typeof createScriptedLinkage>, name: string, length: number): void {
  for (let n = 1; n < length; n++) nation.replaces(card(`${name}${n}`), card(`${name}${n - 1}`))
}

describe.each(DATABASES)('chains on $name', ({ createDatabase }) => {
  let made: TestDatabase
  beforeAll(async () => {
    made = await createMigratedDatabase(createDatabase)
  })
  afterAll(() => made.remove())

  const statusesOf = async (accountId: string): Promise<string[]> =>
    (
      await made.database.query<{ status: string }>('SELECT status FROM credentials WHERE account_id = $1 ORDER BY 1', [
        accountId,
      ])
    ).rows.map(({ status }) => status)

  test('an outage writes nothing at all', async () => {
    const nation = createScriptedLinkage()
    chain(nation, 'outage', 3)
    nation.goDown([card('outage1')])
    const before = await countSubjectRows(made.database)
    const world = createSubjectWorld(made.database, { linkage: nation.previous })
    expect(await world.resolve(card('outage2'))).toEqual({ outcome: 'refused', code: 'LINK_SERVICE_UNAVAILABLE' })
    expect(await countSubjectRows(made.database)).toEqual(before)
  })

  test.each([
    ['a link that changed', `UPDATE credential_links SET relation = 'hand_over'`],
    ['a link undone and changed', `UPDATE credential_links SET undone_at = now(), actor = 'somebody'`],
    ['a deleted link', 'DELETE FROM credential_links'],
    ['an emptied table', 'TRUNCATE credential_links'],
  ])('the graph is append-only: %s is refused', async (_what, statement) => {
    const nation = createScriptedLinkage()
    chain(nation, 'append', 2)
    await createSubjectWorld(made.database, { linkage: nation.previous }).resolve(card('append1'))
    await expect(made.database.query(statement)).rejects.toThrow(/append-only/)
  })

  test('a whole chain at once: one account, the newest current, links with their evidence', async () => {
    const nation = createScriptedLinkage()
    chain(nation, 'whole', 4)
    const world = createSubjectWorld(made.database, { linkage: nation.previous })
    const { accountId, credentialId } = await accepted(world.resolve(card('whole3')))
    expect(await statusesOf(accountId)).toEqual(['current', 'superseded', 'superseded', 'superseded'])
    const { rows } = await made.database.query(
      `SELECT relation, evidence, actor FROM credential_links WHERE newer_id = $1`,
      [credentialId],
    )
    expect(rows).toEqual([
      {
        relation: 'renewed_by',
        evidence: { source: 'scripted', asOf: '2026-11-22T00:00:00.000Z' },
        actor: 'person',
      },
    ])
    expect(nation.asked).toBe(4)
    expect(await accepted(world.resolve(card('whole3')))).toMatchObject({ outcome: 'known', accountId })
    expect(nation.asked).toBe(4)
  })

  test('renewed twice, seen each time: one account and one subject all along', async () => {
    const nation = createScriptedLinkage()
    chain(nation, 'twice', 3)
    const world = createSubjectWorld(made.database, { linkage: nation.previous })
    const accounts = []
    for (const n of [0, 1, 2]) accounts.push((await accepted(world.resolve(card(`twice${n}`)))).accountId)
    expect(new Set(accounts).size).toBe(1)
    expect(nation.asked).toBe(3)
    expect(await world.resolve(card('twice1'))).toEqual({ outcome: 'refused', code: 'LINK_CREDENTIAL_SUPERSEDED' })
  })

  test('two accounts behind one chain are a candidate once, and merging them settles it', async () => {
    const nation = createScriptedLinkage()
    chain(nation, 'pair', 4)
    const alone = createSubjectWorld(made.database)
    const [far, near] = [await accepted(alone.resolve(card('pair0'))), await accepted(alone.resolve(card('pair1')))]
    const world = createSubjectWorld(made.database, { linkage: nation.previous })
    const pairs = async () =>
      (await world.graph.mergeCandidates()).filter(({ accountId }) => accountId === near.accountId)
    expect(await accepted(world.resolve(card('pair2')))).toMatchObject({ accountId: near.accountId })
    expect(await pairs()).toMatchObject([{ otherAccountId: far.accountId }])
    await world.graph.merge({ accountId: far.accountId, into: near.accountId }, { actor: 'operator', reason: 'one' })
    expect(await pairs()).toEqual([])
    expect(await accepted(world.resolve(card('pair3')))).toMatchObject({ accountId: near.accountId })
  })

  test('the pepper changes while people renew: every row moves when it is seen, and no chain breaks', async () => {
    const nation = createScriptedLinkage()
    chain(nation, 'pepper', 3)
    const at = (...peppers: [typeof PEPPER, ...(typeof PEPPER)[]]): SubjectWorld =>
      createSubjectWorld(made.database, { linkage: nation.previous, peppers })
    const { accountId } = await accepted(at(PEPPER).resolve(card('pepper0')))
    const versions = async (): Promise<number[]> =>
      (
        await made.database.query<{ pepper_version: number }>(
          'SELECT pepper_version FROM credentials WHERE account_id = $1 ORDER BY 1',
          [accountId],
        )
      ).rows.map(({ pepper_version }) => pepper_version)
    expect(await accepted(at(NEXT_PEPPER, PEPPER).resolve(card('pepper1')))).toMatchObject({ accountId })
    expect(await versions()).toEqual([2, 2])
    expect(await at(NEXT_PEPPER).resolve(card('pepper0'))).toMatchObject({ code: 'LINK_CREDENTIAL_SUPERSEDED' })
    expect(await accepted(at(NEXT_PEPPER).resolve(card('pepper2')))).toMatchObject({ accountId })
  })

  test('a service that names people: renewed, superseded, and found again', async () => {
    const nation = createScriptedLinkage()
    const newer = card('named1', { notAfter: LATER })
    for (const one of [card('named0'), newer]) nation.holds('named', one)
    const world = createSubjectWorld(made.database, { linkage: nation.person })
    const { accountId } = await accepted(world.resolve(card('named0')))
    expect(await accepted(world.resolve(newer))).toMatchObject({ outcome: 'known', accountId })
    expect(await world.resolve(card('named0'))).toMatchObject({ code: 'LINK_CREDENTIAL_SUPERSEDED' })
    expect(await statusesOf(accountId)).toEqual(['current', 'superseded'])
  })

  test('a card from before the service: its holder is asked for once', async () => {
    const nation = createScriptedLinkage()
    const newer = card('before1', { notAfter: LATER })
    for (const one of [card('before0'), newer]) nation.holds('before', one)
    const { accountId } = await accepted(createSubjectWorld(made.database).resolve(card('before0')))
    const world = createSubjectWorld(made.database, { linkage: nation.person })
    for (const _time of [1, 2, 3]) await accepted(world.resolve(card('before0')))
    expect(nation.asked).toBe(1)
    expect(await accepted(world.resolve(newer))).toMatchObject({ accountId })
  })
})

describe('two processes on one PostgreSQL', () => {
  let made: TestDatabase
  let second: Database
  beforeAll(async () => {
    const [postgres] = DATABASES
    made = await createMigratedDatabase(postgres.createDatabase)
    const { connectionString } = made.database.pool.options as { connectionString?: string }
    second = await openDatabase({ databaseUrl: connectionString ?? '', maxConnections: 20 })
  })
  afterAll(async () => {
    await second.close()
    await made.remove()
  })

  test.each([1, 2, 3, 4, 5])(
    'attack 38: every card of one chain first seen at once, again and again: one account, one card current (%i)',
    async (round) => {
      const nation = createScriptedLinkage()
      chain(nation, `crowd${round}-`, 4)
      const worlds = [made.database, second].map((database) =>
        createSubjectWorld(database, { linkage: nation.previous }),
      )
      const cards = [0, 1, 2, 3].map((n) => card(`crowd${round}-${n}`))
      const crowd = worlds.flatMap((world) => cards.flatMap((one) => [one, one, one].map(() => world.resolve(one))))
      const resolutions = await Promise.all(crowd)
      const accounts = new Set(resolutions.flatMap((one) => ('accountId' in one ? [one.accountId] : [])))
      expect(accounts.size).toBe(1)
      const codes = new Set(resolutions.flatMap((one) => ('code' in one ? [one.code] : [])))
      expect([...codes].filter((code) => code !== 'LINK_CREDENTIAL_SUPERSEDED')).toEqual([])

      const newest = await accepted(worlds[0]?.resolve(cards[3] ?? card('')) ?? Promise.reject(new Error('no world')))
      expect(accounts.has(newest.accountId)).toBe(true)
      const { rows } = await made.database.query(
        `SELECT status, count(*)::int FROM credentials WHERE account_id = $1 GROUP BY status ORDER BY status`,
        [newest.accountId],
      )
      expect(rows).toEqual([
        { status: 'current', count: 1 },
        { status: 'superseded', count: 3 },
      ])
    },
  )

  test('attack 38: two cards of one person first seen at once, where people are named: one account', async () => {
    const nation = createScriptedLinkage()
    const [older, newer] = [card('both0'), card('both1', { notAfter: LATER })]
    for (const one of [older, newer]) nation.holds('both', one)
    const worlds = [made.database, second].map((database) => createSubjectWorld(database, { linkage: nation.person }))
    const resolutions = await Promise.all(
      worlds.flatMap((world) => [older, newer, older, newer].map((one) => world.resolve(one))),
    )
    const accounts = new Set(resolutions.flatMap((one) => ('accountId' in one ? [one.accountId] : [])))
    expect(accounts.size).toBe(1)
    expect(await worlds[0]?.resolve(older)).toMatchObject({ code: 'LINK_CREDENTIAL_SUPERSEDED' })
  })

  test('attack 39: a renewal racing with a merge is put where its predecessor is, and reaches the survivor', async () => {
    for (let round = 0; round < 10; round++) {
      const nation = createScriptedLinkage()
      chain(nation, `race${round}-`, 2)
      const [one, other] = [made.database, second].map((database) =>
        createSubjectWorld(database, { linkage: nation.previous }),
      )
      if (one === undefined || other === undefined) throw new Error('two worlds are needed')
      const gone = await accepted(one.resolve(card(`race${round}-0`)))
      const left = await accepted(one.resolve(card(`race${round}-left`)))
      const [renewed] = await Promise.all([
        accepted(other.resolve(card(`race${round}-1`))),
        one.graph.merge({ accountId: gone.accountId, into: left.accountId }, { actor: 'operator', reason: 'race' }),
      ])
      expect([gone.accountId, left.accountId]).toContain(renewed.accountId)
      expect(await accepted(one.resolve(card(`race${round}-1`)))).toMatchObject({ accountId: left.accountId })
    }
  })

  test('attack 39: log-ins racing with a suspension end on its side', async () => {
    const [one, other] = [made.database, second].map((database) => createSubjectWorld(database))
    if (one === undefined || other === undefined) throw new Error('two worlds are needed')
    const { accountId } = await accepted(one.resolve(card('racing')))
    const attempts = Array.from({ length: 20 }, () => other.resolve(card('racing')))
    await one.graph.suspend(accountId, { actor: 'operator', reason: 'race' })
    await Promise.all(attempts)
    expect(await other.resolve(card('racing'))).toEqual({ outcome: 'refused', code: 'LINK_ACCOUNT_SUSPENDED' })
    expect(await other.isActive(accountId)).toBe(false)
  })
})
