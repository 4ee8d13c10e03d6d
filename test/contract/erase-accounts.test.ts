import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eraseClosedAccounts } from '../../src/storage/erase-accounts.ts'
import { createHandOverStore } from '../../src/storage/hand-over-store.ts'
import { CLOSED_GRACE_MS } from '../../src/subject/graph/change-account-status.ts'
import { identityOf as card } from '../support/certificate-identity.ts'
import { createMigratedDatabase, DATABASES, type TestDatabase } from '../support/databases.ts'
import { createScriptedLinkage } from '../support/scripted-linkage.ts'
import { accepted, createSubjectWorld, type SubjectWorld } from '../support/subject-world.ts'

const NOW = new Date('2026-11-22T03:00:00Z')
const GRACE_OVER = new Date(NOW.getTime() + CLOSED_GRACE_MS + 1)
const BY = { actor: 'operator', reason: 'a test' } as const
/** Where the id of somebody who is gone may stand, and why. */
const STAYS: Readonly<Record<string, string>> = {
  accounts: 'the tombstone',
  subjects: 'a sub is given to nobody else',
  inherited_subjects: 'the same',
  account_operations: 'what was done by hand',
  audit_events: 'what happened',
  standing_changes: 'for some minutes, that something of it changed',
}

describe.each(DATABASES)('closed accounts on $name', ({ createDatabase }) => {
  let made: TestDatabase
  let world: SubjectWorld
  beforeAll(async () => {
    made = await createMigratedDatabase(createDatabase)
    world = createSubjectWorld(made.database)
  })
  afterAll(() => made.remove())

  const erase = (at = GRACE_OVER, limit = 500) => eraseClosedAccounts(made.database, at, limit)

  /** A person with two cards in one account and a third in another that was merged into it, a code, a link crossing to a living account. */
  async function somebody(name: string) {
    const nation = createScriptedLinkage()
    nation.replaces(card(`${name}1`), card(`${name}0`))
    nation.replaces(card(`${name}2`), card(`${name}1`))
    const linked = createSubjectWorld(made.database, { linkage: nation.previous })
    const { accountId } = await accepted(linked.resolve(card(`${name}0`)))
    await linked.resolve(card(`${name}1`))
    const newest = await accepted(linked.resolve(card(`${name}2`)))
    const other = await accepted(world.resolve(card(`${name} other`)))
    const subs = [await world.subjectFor(accountId, 'shop'), await world.subjectFor(other.accountId, 'bank')]
    await world.graph.merge({ accountId: other.accountId, into: accountId }, BY)
    const split = await world.graph.split({ accountId, credentialIds: [newest.credentialId] }, BY)
    await world.handOvers.create(other.credentialId)
    return { accountId, otherId: other.accountId, livingId: split.newAccountId, subs, linked }
  }

  test('stay for thirty days, whatever runs', async () => {
    const { accountId } = await somebody('in grace')
    await world.graph.close(accountId, BY)
    expect(await erase(new Date(GRACE_OVER.getTime() - 1))).toBe(0)
    await world.graph.reopen(accountId, BY)
    expect(await erase()).toBe(0)
    expect(await world.resolve(card('in grace other'))).toMatchObject({ outcome: 'known', accountId })
  })

  test('then nothing leads to them; subs are given to nobody else; the cards begin anew; the log stays', async () => {
    const { accountId, otherId, livingId, subs, linked } = await somebody('gone')
    const closed = await world.graph.close(accountId, BY)
    const before = await made.database.query('SELECT * FROM audit_events ORDER BY sequence')
    expect(await erase()).toBe(1)
    expect(await erase()).toBe(0)

    // every table that can hold an account's id, by its columns: a new one has to be thought of
    const { rows: columns } = await made.database.query<{ table_name: string; column_name: string }>(
      `SELECT table_name, column_name FROM information_schema.columns
       WHERE table_schema = 'public' AND (column_name LIKE '%account_id' OR (table_name = 'accounts' AND column_name = 'id'))`,
    )
    const found = new Set<string>()
    for (const { table_name: table, column_name: column } of columns) {
      const { rowCount } = await made.database.query(`SELECT FROM ${table} WHERE ${column} = ANY ($1)`, [
        [accountId, otherId],
      ])
      if ((rowCount ?? 0) > 0) found.add(table)
    }
    expect([...found].filter((table) => STAYS[table] === undefined)).toEqual([])
    expect([...found]).toEqual(expect.arrayContaining(['accounts', 'subjects', 'audit_events']))

    const { rows: kept } = await made.database.query<{ sub: string }>('SELECT sub FROM subjects WHERE sub = ANY ($1)', [
      subs,
    ])
    expect(kept).toHaveLength(2)
    const events = await made.database.query<{ type: string; account_id: string }>(
      'SELECT * FROM audit_events ORDER BY sequence',
    )
    expect(events.rows.slice(0, before.rows.length)).toEqual(before.rows)
    expect(events.rows.slice(before.rows.length)).toMatchObject([{ type: 'account.erased', account_id: accountId }])

    // the living one, whose chain crossed to it, is as it was
    expect(await linked.resolve(card('gone2'))).toMatchObject({ outcome: 'known', accountId: livingId })
    for (const name of ['gone0', 'gone other']) {
      const again = await accepted(world.resolve(card(name)))
      expect(again.outcome).toBe('created')
      expect([accountId, otherId]).not.toContain(again.accountId)
      for (const sector of ['shop', 'bank']) {
        expect(subs).not.toContain(await world.subjectFor(again.accountId, sector))
      }
    }
    const later = createSubjectWorld(made.database, { now: () => GRACE_OVER })
    for (const act of [
      () => later.graph.undo(closed, BY),
      () => world.graph.undo(closed, BY),
      () => later.graph.reopen(accountId, BY),
    ]) {
      await expect(act()).rejects.toMatchObject({ code: 'ADMIN_OPERATION_REFUSED' })
    }
    const shown = await world.graph.show(subs[1] ?? '')
    expect(shown).toMatchObject({ accountId, snapshot: { credentials: [] } })
    expect(shown.snapshot.accounts.map(({ erasedAt }) => erasedAt)).toEqual([GRACE_OVER, GRACE_OVER])
  })

  test('several processes erase each once, in batches', async () => {
    for (let n = 0; n < 5; n++) {
      await world.graph.close((await accepted(world.resolve(card(`batch ${n}`)))).accountId, BY)
    }
    const counts = await Promise.all([erase(GRACE_OVER, 2), erase(GRACE_OVER, 2), erase(GRACE_OVER, 2)])
    let left = 5 - counts.reduce((sum, count) => sum + count, 0)
    while (left > 0) left -= await erase(GRACE_OVER, 2)
    expect(left).toBe(0)
    const { rows } = await made.database.query<{ count: number }>(
      `SELECT count(*)::int AS count FROM audit_events WHERE type = 'account.erased' AND account_id IN (
         SELECT id FROM accounts WHERE status = 'closed')`,
    )
    expect(rows).toEqual([{ count: 6 }])
  })

  test('one that cannot be erased does not keep the others, and is told of', async () => {
    const [stuck, other] = [
      await accepted(world.resolve(card('stuck'))),
      await accepted(world.resolve(card('not stuck'))),
    ]
    await world.graph.close(stuck.accountId, BY)
    await world.graph.close(other.accountId, BY)
    await made.database.query(
      `ALTER TABLE accounts ADD CONSTRAINT stuck CHECK (erased_at IS NULL OR id <> '${stuck.accountId}')`,
    )
    try {
      await expect(erase()).rejects.toThrow(/stuck/)
      expect(await world.resolve(card('not stuck'))).toMatchObject({ outcome: 'created' })
    } finally {
      await made.database.query('ALTER TABLE accounts DROP CONSTRAINT stuck')
    }
    expect(await erase()).toBe(1)
  })

  test('a log-in that follows a card which is being erased looks again, and is new', async () => {
    const nation = createScriptedLinkage()
    nation.replaces(card('follower'), card('followed'))
    const { accountId } = await accepted(world.resolve(card('followed')))
    await world.graph.close(accountId, BY)
    const follower = createSubjectWorld(made.database, { linkage: nation.previous })
    expect(await follower.resolve(card('follower'))).toMatchObject({ code: 'LINK_ACCOUNT_CLOSED' })
    const [resolved] = await Promise.all([follower.resolve(card('follower')), erase()])
    expect(['LINK_ACCOUNT_CLOSED', undefined]).toContain('code' in resolved ? resolved.code : undefined)
    const { accountId: fresh } = await accepted(follower.resolve(card('follower')))
    expect(fresh).not.toBe(accountId)
  })

  test('links of the living are as append-only as ever', async () => {
    const nation = createScriptedLinkage()
    nation.replaces(card('alive1'), card('alive0'))
    const linked = createSubjectWorld(made.database, { linkage: nation.previous })
    await linked.resolve(card('alive0'))
    const { credentialId } = await accepted(linked.resolve(card('alive1')))
    await expect(
      made.database.query('DELETE FROM credential_links WHERE newer_id = $1', [credentialId]),
    ).rejects.toThrow()
  })
})

describe.each(DATABASES)('spent hand-over codes on $name', ({ createDatabase }) => {
  test('go; the standing one stays', async () => {
    const made = await createMigratedDatabase(createDatabase)
    const world = createSubjectWorld(made.database, { unknownCards: 'ask' })
    const store = createHandOverStore(made.database)
    const { credentialId } = await accepted(world.admit(card('old')))
    await world.handOvers.create(credentialId)
    const standing = await world.handOvers.create(credentialId)
    expect(await store.deleteSpent(NOW, 10)).toBe(1)
    expect(await world.handOvers.standing(credentialId)).toBeDefined()
    expect(await world.redeem(card('new'), standing?.code ?? '')).toMatchObject({ outcome: 'known' })
    expect(await store.deleteSpent(NOW, 10)).toBe(1)
    const next = await accepted(world.admit(card('new')))
    const last = await world.handOvers.create(next.credentialId)
    expect(await store.deleteSpent(new Date((last?.expiresAt.getTime() ?? 0) - 1), 10)).toBe(0)
    expect(await store.deleteSpent(last?.expiresAt ?? NOW, 10)).toBe(1)
    await made.remove()
  })
})
