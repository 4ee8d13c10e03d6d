import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { LinkageService } from '../../src/subject/linkage-service.ts'
import { createStandingStore } from '../../src/storage/standing/create-standing-store.ts'
import { CLOSED_GRACE_MS } from '../../src/subject/graph/change-account-status.ts'
import { identityOf as card } from '../support/certificate-identity.ts'
import { createMigratedDatabase, DATABASES, type TestDatabase } from '../support/databases.ts'
import { createScriptedLinkage } from '../support/scripted-linkage.ts'
import { accepted, createSubjectWorld, type SubjectWorld } from '../support/subject-world.ts'

const NOW = new Date('2026-11-22T03:00:00Z')
const BY = { actor: 'operator', reason: 'a test' } as const
const NOBODY = '00000000-0000-4000-8000-000000000000'
const refusal = (code: string): unknown => expect.objectContaining({ name: 'Refusal', code })

describe.each(DATABASES)('accounts changed by hand on $name', ({ createDatabase }) => {
  let made: TestDatabase
  let world: SubjectWorld
  beforeAll(async () => {
    made = await createMigratedDatabase(createDatabase)
    world = createSubjectWorld(made.database)
  })
  afterAll(() => made.remove())

  const signIn = (name: string, how = world) => accepted(how.resolve(card(name)))
  const renewing = (nation: LinkageService) => createSubjectWorld(made.database, { linkage: nation })
  const lastEvent = async () =>
    (
      await made.database.query<{ type: string; actor: string; account_id: string; details: Record<string, unknown> }>(
        'SELECT type, actor, account_id, details FROM audit_events ORDER BY sequence DESC LIMIT 1',
      )
    ).rows[0]
  const operations = async (): Promise<number> =>
    (await made.database.query<{ count: number }>('SELECT count(*)::int AS count FROM account_operations')).rows[0]
      ?.count ?? 0
  /** Two cards of one account, the second after the first. */
  async function renewed(name: string) {
    const nation = createScriptedLinkage()
    nation.replaces(card(`${name}1`), card(`${name}0`))
    const first = await signIn(`${name}0`)
    const second = await signIn(`${name}1`, renewing(nation.previous))
    return { accountId: first.accountId, olderId: first.credentialId, newerId: second.credentialId }
  }

  describe('refused, with nothing written', () => {
    test.each([
      ['an account that is none', () => world.graph.suspend(NOBODY, BY), 'ADMIN_ACCOUNT_NOT_FOUND'],
      ['an id that is none', () => world.graph.suspend("' OR 1=1", BY), 'ADMIN_ACCOUNT_NOT_FOUND'],
      [
        'a credential that is none',
        () => world.graph.unlink({ credentialId: NOBODY }, BY),
        'ADMIN_CREDENTIAL_NOT_FOUND',
      ],
      ['an operation that is none', () => world.graph.undo(NOBODY, BY), 'ADMIN_OPERATION_NOT_FOUND'],
      ['a sub that is none', () => world.graph.show('no such sub'), 'ADMIN_ACCOUNT_NOT_FOUND'],
    ])('%s', async (_what, act, code) => {
      const before = await operations()
      await expect(act()).rejects.toEqual(refusal(code))
      expect(await operations()).toBe(before)
    })

    test.each([
      [
        'no reason',
        { actor: 'operator', reason: '  ' } as const,
        (id: string, by: typeof BY) => world.graph.suspend(id, by),
      ],
      ['merged into itself', BY, (id: string) => world.graph.merge({ accountId: id, into: id }, BY)],
      [
        'a reason longer than the log keeps',
        { actor: 'operator', reason: 'x'.repeat(1001) } as const,
        (id: string, by: typeof BY) => world.graph.suspend(id, by),
      ],
      ['reopened while it is active', BY, (id: string) => world.graph.reopen(id, BY)],
      ['split without a card', BY, (id: string) => world.graph.split({ accountId: id, credentialIds: [] }, BY)],
    ])('%s', async (what, by, act) => {
      const { accountId } = await signIn(what)
      await expect(act(accountId, by as typeof BY)).rejects.toEqual(refusal('ADMIN_OPERATION_REFUSED'))
      expect(await signIn(what)).toMatchObject({ outcome: 'known', accountId })
    })

    test('merging when one of the two is suspended: its person would be let in by the other', async () => {
      const [one, other] = [await signIn('suspended one'), await signIn('the other')]
      await world.graph.suspend(one.accountId, BY)
      for (const request of [
        { accountId: one.accountId, into: other.accountId },
        { accountId: other.accountId, into: one.accountId },
      ]) {
        await expect(world.graph.merge(request, BY)).rejects.toEqual(refusal('ADMIN_OPERATION_REFUSED'))
      }
    })

    test('splitting everything off, or what belongs to somebody else', async () => {
      const { accountId, newerId, olderId } = await renewed('split all')
      const stranger = await signIn('stranger to the split')
      for (const credentialIds of [[newerId, olderId], [newerId, stranger.credentialId], [stranger.credentialId]]) {
        await expect(world.graph.split({ accountId, credentialIds }, BY)).rejects.toEqual(
          refusal('ADMIN_OPERATION_REFUSED'),
        )
      }
    })

    test('linking the only card of an account elsewhere: that is a merge', async () => {
      const [one, other] = [await signIn('only card'), await signIn('elsewhere')]
      const { credentialId } = one
      await expect(world.graph.link({ credentialId, accountId: other.accountId }, BY)).rejects.toEqual(
        refusal('ADMIN_OPERATION_REFUSED'),
      )
    })

    test('a card out of a suspended or closed account: its person would be let in by the other', async () => {
      const [one, other] = [await renewed('barred'), await signIn('not barred')]
      await world.graph.unlink({ credentialId: one.newerId }, BY)
      for (const act of ['suspend', 'close'] as const) {
        await world.graph[act](one.accountId, BY)
        await expect(world.graph.link({ credentialId: one.newerId, accountId: other.accountId }, BY)).rejects.toEqual(
          refusal('ADMIN_OPERATION_REFUSED'),
        )
      }
    })

    test('undoing a closure when its thirty days are over', async () => {
      const { accountId } = await signIn('closed for good')
      const closed = await world.graph.close(accountId, BY)
      const later = createSubjectWorld(made.database, { now: () => new Date(NOW.getTime() + CLOSED_GRACE_MS + 1) })
      await expect(later.graph.undo(closed, BY)).rejects.toEqual(refusal('ADMIN_OPERATION_REFUSED'))
      expect(await world.resolve(card('closed for good'))).toMatchObject({ code: 'LINK_ACCOUNT_CLOSED' })
      await world.graph.undo(closed, BY)
    })

    test('undoing a first suspension while a second one stands, for another reason', async () => {
      const { accountId } = await signIn('suspended twice')
      const first = await world.graph.suspend(accountId, BY)
      await world.graph.reopen(accountId, BY)
      const second = await world.graph.suspend(accountId, { ...BY, reason: 'another' })
      await expect(world.graph.undo(first, BY)).rejects.toEqual(refusal('ADMIN_OPERATION_REFUSED'))
      expect(await world.resolve(card('suspended twice'))).toMatchObject({ code: 'LINK_ACCOUNT_SUSPENDED' })
      await world.graph.undo(second, BY)
    })

    test('undoing a first unlinking while a second one stands', async () => {
      const { accountId, credentialId } = await signIn('unlinked twice')
      const first = await world.graph.unlink({ credentialId }, BY)
      await world.graph.link({ credentialId, accountId }, BY)
      await world.graph.unlink({ credentialId }, BY)
      await expect(world.graph.undo(first, BY)).rejects.toEqual(refusal('ADMIN_OPERATION_REFUSED'))
      expect(await world.resolve(card('unlinked twice'))).toMatchObject({ code: 'LINK_CREDENTIAL_UNLINKED' })
    })

    test('attack 39: of two who undo one operation at once one does it', async () => {
      const { accountId } = await signIn('undone by two')
      const suspended = await world.graph.suspend(accountId, BY)
      const ended = await Promise.allSettled([world.graph.undo(suspended, BY), world.graph.undo(suspended, BY)])
      expect(ended.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
      expect(ended.find(({ status }) => status === 'rejected')).toMatchObject({
        reason: refusal('ADMIN_OPERATION_REFUSED'),
      })
    })

    test('what was undone already, and what something later stands in the way of', async () => {
      const [one, two, three] = [await signIn('way 1'), await signIn('way 2'), await signIn('way 3')]
      const first = await world.graph.merge({ accountId: one.accountId, into: two.accountId }, BY)
      const second = await world.graph.merge({ accountId: two.accountId, into: three.accountId }, BY)
      await expect(world.graph.undo(first, BY)).rejects.toEqual(refusal('ADMIN_OPERATION_REFUSED'))
      await world.graph.undo(second, BY)
      await expect(world.graph.undo(second, BY)).rejects.toEqual(refusal('ADMIN_OPERATION_REFUSED'))
      await world.graph.undo(first, BY)
      for (const [name, { accountId }] of [
        ['way 1', one],
        ['way 2', two],
        ['way 3', three],
      ] as const) {
        expect(await signIn(name)).toMatchObject({ accountId })
      }
    })
  })

  test('suspend, and reopen by undoing it: refused in between, tokens inactive, events with actor and reason', async () => {
    const { accountId } = await signIn('suspended')
    const operationId = await world.graph.suspend(accountId, { actor: `admin:${NOBODY}`, reason: 'stolen' })
    expect(await world.resolve(card('suspended'))).toEqual({ outcome: 'refused', code: 'LINK_ACCOUNT_SUSPENDED' })
    expect(await world.isActive(accountId)).toBe(false)
    expect(await lastEvent()).toEqual({
      type: 'account.suspended',
      actor: `admin:${NOBODY}`,
      account_id: accountId,
      details: { operationId, reason: 'stolen' },
    })
    const undoing = await world.graph.undo(operationId, BY)
    expect(await signIn('suspended')).toMatchObject({ outcome: 'known', accountId })
    expect(await world.graph.history(accountId)).toMatchObject([
      { id: undoing, act: 'undo', undoes: operationId },
      { id: operationId, act: 'suspend', undoneBy: undoing, reason: 'stolen' },
    ])
    await world.graph.undo(undoing, BY)
    expect(await world.isActive(accountId)).toBe(false)
  })

  test('a closed account can be opened again for thirty days', async () => {
    const { accountId } = await signIn('closed')
    await world.graph.close(accountId, { actor: 'person', reason: 'my wish' })
    expect(await world.resolve(card('closed'))).toEqual({ outcome: 'refused', code: 'LINK_ACCOUNT_CLOSED' })
    const later = (ms: number) =>
      createSubjectWorld(made.database, { now: () => new Date(NOW.getTime() + CLOSED_GRACE_MS + ms) })
    await expect(later(1).graph.reopen(accountId, BY)).rejects.toEqual(refusal('ADMIN_OPERATION_REFUSED'))
    await later(0).graph.reopen(accountId, BY)
    expect(await signIn('closed')).toMatchObject({ accountId })
  })

  test('unlinked: refused with its own code, its renewal too; linked again it signs in', async () => {
    const nation = createScriptedLinkage()
    nation.replaces(card('unlinked1'), card('unlinked0'))
    const { accountId, credentialId } = await signIn('unlinked0')
    const operationId = await world.graph.unlink({ credentialId }, BY)
    expect(await world.resolve(card('unlinked0'))).toEqual({ outcome: 'refused', code: 'LINK_CREDENTIAL_UNLINKED' })
    expect(await renewing(nation.previous).resolve(card('unlinked1'))).toEqual({
      outcome: 'refused',
      code: 'LINK_CREDENTIAL_UNLINKED',
    })
    await world.graph.undo(operationId, BY)
    expect(await signIn('unlinked0')).toMatchObject({ accountId })
    await world.graph.unlink({ credentialId }, BY)
    await world.graph.link({ credentialId, accountId }, BY)
    expect(await signIn('unlinked0')).toMatchObject({ accountId })
  })

  test('attack 39: merged, each site sees what it knew; the survivor’s where it knew both; undone, all as before', async () => {
    const [gone, left] = [await signIn('merged away'), await signIn('merged into')]
    const subOf = (accountId: string, sector: string) => world.subjectFor(accountId, sector)
    const before = {
      gone: { shop: await subOf(gone.accountId, 'shop'), both: await subOf(gone.accountId, 'both') },
      left: { bank: await subOf(left.accountId, 'bank'), both: await subOf(left.accountId, 'both') },
    }
    const operationId = await world.graph.merge({ accountId: gone.accountId, into: left.accountId }, BY)

    for (const name of ['merged away', 'merged into']) {
      expect(await signIn(name)).toMatchObject({ accountId: left.accountId })
    }
    expect(await subOf(left.accountId, 'shop')).toBe(before.gone.shop)
    expect(await subOf(left.accountId, 'bank')).toBe(before.left.bank)
    expect(await subOf(left.accountId, 'both')).toBe(before.left.both)
    expect(await world.isActive(gone.accountId)).toBe(false)
    for (const sub of [...Object.values(before.gone), ...Object.values(before.left)]) {
      expect(await world.graph.show(sub)).toMatchObject({ accountId: left.accountId })
    }
    const together = await subOf(left.accountId, 'later')

    await world.graph.undo(operationId, BY)
    expect(await signIn('merged away')).toMatchObject({ accountId: gone.accountId })
    expect(await subOf(gone.accountId, 'shop')).toBe(before.gone.shop)
    expect(await subOf(gone.accountId, 'both')).toBe(before.gone.both)
    expect(await subOf(left.accountId, 'both')).toBe(before.left.both)
    // met while they were one: it stays with the survivor, and nobody else ever gets it
    expect(await subOf(left.accountId, 'later')).toBe(together)
    expect(await subOf(gone.accountId, 'later')).not.toBe(together)
    expect(await subOf(left.accountId, 'shop')).not.toBe(before.gone.shop)
  })

  test('attack 39: a tap that was under way during a merge is signed out with the survivor, for good', async () => {
    const [gone, left] = [await signIn('under way'), await signIn('survivor of it')]
    await world.graph.merge({ accountId: gone.accountId, into: left.accountId }, BY)
    const standing = createStandingStore(made.database)
    // its sign-in had looked up the account before the merge, and is remembered after it
    const remembered = await standing.signOutsOf(gone.accountId, gone.credentialId)
    expect(remembered).toBeDefined()
    await world.graph.suspend(left.accountId, BY)
    expect(await standing.signOutsOf(gone.accountId, gone.credentialId)).toBeUndefined()
    await world.graph.reopen(left.accountId, BY)
    expect(await standing.signOutsOf(gone.accountId, gone.credentialId)).not.toBe(remembered)
  })

  test('merged again into a third: sites see what they saw, and every step can be undone', async () => {
    const [one, two, three] = [await signIn('third 1'), await signIn('third 2'), await signIn('third 3')]
    const sub = await world.subjectFor(one.accountId, 'shop')
    await world.graph.merge({ accountId: one.accountId, into: two.accountId }, BY)
    await world.graph.merge({ accountId: two.accountId, into: three.accountId }, BY)
    expect(await signIn('third 1')).toMatchObject({ accountId: three.accountId })
    expect(await world.subjectFor(three.accountId, 'shop')).toBe(sub)
  })

  test('a card renewed while its account was merged goes back with it', async () => {
    const nation = createScriptedLinkage()
    nation.replaces(card('back1'), card('back0'))
    const [gone, left] = [await signIn('back0'), await signIn('back, survivor')]
    const operationId = await world.graph.merge({ accountId: gone.accountId, into: left.accountId }, BY)
    expect(await signIn('back1', renewing(nation.previous))).toMatchObject({ accountId: left.accountId })
    await world.graph.undo(operationId, BY)
    expect(await signIn('back1')).toMatchObject({ accountId: gone.accountId })
  })

  test('split: the new branch gets new subjects, the old one keeps its own; undone, they are one again', async () => {
    const { accountId, newerId } = await renewed('split')
    const sub = await world.subjectFor(accountId, 'shop')
    const { operationId, newAccountId } = await world.graph.split({ accountId, credentialIds: [newerId] }, BY)
    expect(await signIn('split1')).toMatchObject({ accountId: newAccountId })
    expect(await world.subjectFor(newAccountId, 'shop')).not.toBe(sub)
    expect(await world.subjectFor(accountId, 'shop')).toBe(sub)
    const bank = await world.subjectFor(newAccountId, 'bank')
    const { rows } = await made.database.query('SELECT undone_at FROM credential_links WHERE newer_id = $1', [newerId])
    expect(rows).toEqual([{ undone_at: NOW }])

    await world.graph.undo(operationId, BY)
    expect(await signIn('split1')).toMatchObject({ accountId })
    expect(await world.subjectFor(accountId, 'shop')).toBe(sub)
    expect(await world.subjectFor(accountId, 'bank')).toBe(bank)
  })

  test('a card linked from an account that keeps another one, in place of an old card', async () => {
    const [from, into] = [await renewed('link from'), await signIn('link into')]
    await world.graph.unlink({ credentialId: from.newerId }, BY)
    const operationId = await world.graph.link(
      { credentialId: from.newerId, accountId: into.accountId, supersedes: into.credentialId },
      BY,
    )
    expect(await signIn('link from1')).toMatchObject({ accountId: into.accountId })
    expect(await world.resolve(card('link into'))).toMatchObject({ code: 'LINK_CREDENTIAL_SUPERSEDED' })
    await world.graph.undo(operationId, BY)
    expect(await signIn('link into')).toMatchObject({ accountId: into.accountId })
    expect(await world.resolve(card('link from1'))).toMatchObject({ code: 'LINK_CREDENTIAL_UNLINKED' })
  })

  test('a card that was replaced by a stranger’s comes back: the stranger’s is split off, the card linked again', async () => {
    const { accountId, olderId, newerId } = await renewed('handed to a thief')
    const sub = await world.subjectFor(accountId, 'shop')
    await world.graph.split({ accountId, credentialIds: [newerId] }, BY)
    expect(await world.resolve(card('handed to a thief0'))).toMatchObject({ code: 'LINK_CREDENTIAL_SUPERSEDED' })
    const restored = await world.graph.link({ credentialId: olderId, accountId }, BY)
    expect(await signIn('handed to a thief0')).toMatchObject({ accountId })
    expect(await world.subjectFor(accountId, 'shop')).toBe(sub)
    const thief = await signIn('handed to a thief1')
    expect(thief.accountId).not.toBe(accountId)
    expect(await world.subjectFor(thief.accountId, 'shop')).not.toBe(sub)
    await world.graph.undo(restored, BY)
    expect(await world.resolve(card('handed to a thief0'))).toMatchObject({ code: 'LINK_CREDENTIAL_SUPERSEDED' })
  })

  test('one that only the linkage service has named cannot be put into use: it has no key to be known by', async () => {
    const nation = createScriptedLinkage()
    nation.replaces(card('seen'), card('only named'))
    const { accountId, credentialId } = await signIn('seen', renewing(nation.previous))
    const { snapshot } = await world.graph.show(accountId)
    const named = snapshot.credentials.find((one) => one.credentialId !== credentialId)
    await expect(world.graph.link({ credentialId: named?.credentialId ?? '', accountId }, BY)).rejects.toEqual(
      refusal('ADMIN_OPERATION_REFUSED'),
    )
  })

  test('attack 39: whatever is done to an account by hand ends its sessions and grants, and nobody else’s', async () => {
    const [mine, other] = [await signIn('signed out'), await signIn('not signed out')]
    for (const { accountId } of [mine, other]) {
      const grant = Buffer.from(randomUUID().replaceAll('-', '').repeat(2), 'hex')
      for (const model of ['Session', 'Grant', 'AccessToken', 'RefreshToken']) {
        await made.database.query(
          `INSERT INTO oidc_artifacts (model, id_digest, payload, grant_digest, expires_at, written_at)
           VALUES ($1, sha256(convert_to(random()::text, 'UTF8')), $2, $3, $4, $5)`,
          [
            model,
            JSON.stringify({ accountId, kind: model }),
            model === 'Session' ? null : grant,
            new Date(NOW.getTime() + 1000),
            NOW,
          ],
        )
      }
    }
    await world.graph.unlink({ credentialId: mine.credentialId }, BY)
    const { rows } = await made.database.query(
      `SELECT payload ->> 'accountId' AS account, count(*)::int AS count FROM oidc_artifacts GROUP BY 1`,
    )
    expect(rows).toEqual([{ account: other.accountId, count: 4 }])
  })
})
