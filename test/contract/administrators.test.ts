import { randomBytes, randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import {
  createAdministrators,
  INVITATION_MS,
  type Administrators,
} from '../../src/administration/create-administrators.ts'
import { digestSecret } from '../../src/administration/secret-token.ts'
import { planRecovery } from '../../src/audit/plan-recovery.ts'
import { loadConfig } from '../../src/config/load-config.ts'
import { holdWhatWasLost } from '../../src/main/recover/hold-what-was-lost.ts'
import { createAdminStore } from '../../src/storage/admin-store.ts'
import { eraseClosedAccounts } from '../../src/storage/erase-accounts.ts'
import { createRecoveryStore } from '../../src/storage/lineage/recovery-store.ts'
import type { Resolved } from '../../src/subject/resolution.ts'
import { CLOSED_GRACE_MS } from '../../src/subject/graph/change-account-status.ts'
import { identityOf as card } from '../support/certificate-identity.ts'
import { createMigratedDatabase, DATABASES, type TestDatabase } from '../support/databases.ts'
import { createScriptedLinkage } from '../support/scripted-linkage.ts'
import { accepted, createSubjectWorld, type SubjectWorld } from '../support/subject-world.ts'

const config = loadConfig({
  ...{ REVOCATION_SOURCES: 'none', DATA_DIR: '/nonexistent', COOKIE_KEYS: 'cookie key '.repeat(4) },
  HANDLE_PEPPER: `1:${Buffer.alloc(32, 1).toString('base64')}`,
  KEY_ENCRYPTION_KEY: Buffer.alloc(32, 2).toString('base64'),
})
const NOBODY = { accountId: undefined, credentialId: undefined, clientId: undefined, details: {} }
const BY = { actor: 'operator', reason: 'a test' } as const
const NOW = new Date('2026-11-22T03:00:00Z')

describe.each(DATABASES)('administrators on $name', ({ createDatabase }) => {
  let made: TestDatabase
  let world: SubjectWorld
  let now = NOW
  let people = 0
  let administrators: Administrators
  beforeAll(async () => {
    made = await createMigratedDatabase(createDatabase)
    world = createSubjectWorld(made.database, { now: () => now })
    administrators = createAdministrators({
      store: createAdminStore(made.database),
      now: () => now,
      random: (octets) => randomBytes(octets),
      newId: randomUUID,
    })
  })
  afterAll(() => made.remove())
  beforeEach(async () => {
    now = NOW
    await made.database.query('DELETE FROM admins')
    await made.database.query('DELETE FROM admin_invitations')
  })

  const somebody = () => accepted(world.resolve(card(`person ${++people}`)))
  const accept = async (token: string) => {
    const who = await somebody()
    await administrators.accept(digestSecret(token), who)
    return who
  }
  const firstOwner = async () => accept((await administrators.invite('owner', 'operator')).token)
  const another = async (role: 'owner' | 'viewer', by: { accountId: string }) =>
    accept((await administrators.invite(role, by)).token)
  const roles = async () => (await administrators.list()).administrators.map(({ role }) => role).sort()

  test('attack 44: the first owner is invited while there is none, and no second one by the same way', async () => {
    const [one, two] = [
      await administrators.invite('owner', 'operator'),
      await administrators.invite('owner', 'operator'),
    ]
    await accept(one.token)
    await expect(accept(one.token)).rejects.toMatchObject({ code: 'ADMIN_INVITATION_INVALID' })
    await expect(accept(two.token)).rejects.toMatchObject({ code: 'ADMIN_INVITATION_INVALID' })
    await expect(administrators.invite('owner', 'operator')).rejects.toMatchObject({ code: 'ADMIN_OWNER_EXISTS' })
    expect(await roles()).toEqual(['owner'])
    await accept((await administrators.invite('owner', 'operator', { ownersLost: true })).token)
    expect(await roles()).toEqual(['owner', 'owner'])
  })

  test('attack 44: of several who bring one invitation at once one becomes an administrator', async () => {
    const { token } = await administrators.invite('owner', 'operator')
    const done = await Promise.allSettled([accept(token), accept(token), accept(token)])
    expect(done.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(await roles()).toEqual(['owner'])
  })

  test('an invitation is over after a day, when it is withdrawn, and when its owner is none any more', async () => {
    const owner = await firstOwner()
    const [late, withdrawn, orphan] = [
      await administrators.invite('viewer', owner),
      await administrators.invite('viewer', owner),
      await administrators.invite('viewer', owner),
    ]
    await administrators.withdrawInvitation(withdrawn.id, owner)
    await expect(accept(withdrawn.token)).rejects.toMatchObject({ code: 'ADMIN_INVITATION_INVALID' })
    const second = await another('owner', owner)
    await administrators.remove(owner.accountId, second)
    await expect(accept(orphan.token)).rejects.toMatchObject({ code: 'ADMIN_INVITATION_INVALID' })
    now = new Date(NOW.getTime() + INVITATION_MS)
    await expect(accept(late.token)).rejects.toMatchObject({ code: 'ADMIN_INVITATION_INVALID' })
    expect((await administrators.list()).invitations).toEqual([])
  })

  test('who is one already keeps their role, and the invitation stays good', async () => {
    const owner = await firstOwner()
    const { token } = await administrators.invite('viewer', owner)
    await expect(administrators.accept(digestSecret(token), owner)).rejects.toMatchObject({
      code: 'ADMIN_ALREADY_ADMINISTRATOR',
    })
    await accept(token)
    expect(await roles()).toEqual(['owner', 'viewer'])
  })

  test('attack 44: self-lockout, and acts of somebody who is no owner', async () => {
    const owner = await firstOwner()
    const viewer = await another('viewer', owner)
    await expect(administrators.remove(owner.accountId, owner)).rejects.toMatchObject({ code: 'ADMIN_OWN_ROLE' })
    await expect(administrators.changeRole(owner.accountId, 'viewer', owner)).rejects.toMatchObject({
      code: 'ADMIN_OWN_ROLE',
    })
    await expect(administrators.changeRole(viewer.accountId, 'owner', viewer)).rejects.toMatchObject({
      code: 'ADMIN_FORBIDDEN',
    })
    await expect(administrators.invite('owner', viewer)).rejects.toMatchObject({ code: 'ADMIN_FORBIDDEN' })
    await expect(administrators.remove(randomUUID(), owner)).rejects.toMatchObject({ code: 'ADMIN_NOT_ADMINISTRATOR' })
  })

  test('attack 44: two owners who remove each other at once: one is left', async () => {
    const one = await firstOwner()
    const other = await another('owner', one)
    const done = await Promise.allSettled([
      administrators.remove(other.accountId, one),
      administrators.remove(one.accountId, other),
      administrators.changeRole(one.accountId, 'viewer', other),
    ])
    expect(done.some(({ status }) => status === 'fulfilled')).toBe(true)
    expect((await roles()).filter((role) => role === 'owner')).toHaveLength(1)
  })

  test.each([
    ['removed by the operator', (id: string) => administrators.remove(id, 'operator')],
    ['demoted by the operator', (id: string) => administrators.changeRole(id, 'viewer', 'operator')],
    ['suspended', (id: string) => world.graph.suspend(id, BY)],
    ['closed, also by themselves', (id: string) => world.graph.close(id, { ...BY, actor: 'person' })],
  ])('attack 44: the last owner is not %s', async (_how, act) => {
    const { accountId } = await firstOwner()
    await expect(act(accountId)).rejects.toMatchObject({ code: 'ADMIN_LAST_OWNER' })
    expect(await roles()).toEqual(['owner'])
    const { rows } = await made.database.query('SELECT status FROM accounts WHERE id = $1', [accountId])
    expect(rows).toEqual([{ status: 'active' }])
  })

  test('attack 44: the last card of the last owner is not unlinked, nor their account merged away', async () => {
    const owner = await firstOwner()
    const stranger = await somebody()
    await expect(world.graph.unlink({ credentialId: owner.credentialId }, BY)).rejects.toMatchObject({
      code: 'ADMIN_LAST_OWNER',
    })
    await expect(world.graph.merge({ accountId: owner.accountId, into: stranger.accountId }, BY)).rejects.toMatchObject(
      { code: 'ADMIN_LAST_OWNER' },
    )
  })

  test('attack 44: nobody comes by a role by being merged or linked into it', async () => {
    const owner = await firstOwner()
    const viewer = await another('viewer', owner)
    const nation = createScriptedLinkage()
    nation.replaces(card('stranger 2'), card('stranger 1'))
    const linked = createSubjectWorld(made.database, { linkage: nation.previous })
    const stranger = await accepted(linked.resolve(card('stranger 1')))
    await linked.resolve(card('stranger 2'))
    for (const { accountId } of [owner, viewer]) {
      for (const act of [
        () => world.graph.merge({ accountId: stranger.accountId, into: accountId }, BY),
        () => world.graph.link({ credentialId: stranger.credentialId, accountId }, BY),
      ]) {
        await expect(act()).rejects.toMatchObject({ code: 'ADMIN_ACCOUNT_HAS_ROLE' })
      }
    }
  })

  test('attack 44: nor by a hand-over code, not even by one that was made before they had a role', async () => {
    const { token } = await administrators.invite('owner', 'operator')
    const who = await somebody()
    const early = await world.handOvers.create(who.credentialId)
    const redeem = (name: string) => world.redeem(card(name), early?.code ?? '')
    await administrators.accept(digestSecret(token), who)
    expect(await redeem(`a finder ${who.accountId}`)).toEqual({
      outcome: 'refused',
      code: 'LINK_HAND_OVER_CODE_INVALID',
    })
    expect(await world.handOvers.create(who.credentialId)).toBeUndefined()
    // without the role it is an account like another one
    await made.database.query('DELETE FROM admins')
    expect(await redeem(`themselves ${who.accountId}`)).toMatchObject({ outcome: 'known', accountId: who.accountId })
  })

  test.each([
    ['suspended', 'account.suspended', ({ accountId }: Resolved) => ({ accountId })],
    ['the card was lost', 'credential.unlinked', ({ credentialId }: Resolved) => ({ credentialId })],
    ['removed', 'admin.removed', ({ accountId }: Resolved) => ({ accountId })],
  ])('attack 44: after a restore, the only owner whom the backup has is held too: %s', async (_how, type, who) => {
    const owner = await firstOwner()
    const plan = planRecovery([{ ...NOBODY, type, ...who(owner) }])
    const store = createRecoveryStore(made.database)
    const held = await holdWhatWasLost(plan, { database: made.database, store, config, now: () => now })
    expect(held.owners).toEqual([owner.accountId])
    expect([...held.accounts, ...held.cards]).toHaveLength(1)
    expect(await roles()).toEqual([])
    expect(await world.resolve(card(`person ${people}`))).toMatchObject({ outcome: 'refused' })
    expect(await firstOwner()).toBeDefined()
  })

  test('with another owner one may go; what is merged away or closed has no role, and is erased with it', async () => {
    const owner = await firstOwner()
    const second = await another('owner', owner)
    const third = await another('owner', owner)
    await world.graph.merge({ accountId: second.accountId, into: (await somebody()).accountId }, BY)
    await world.graph.close(third.accountId, BY)
    expect((await administrators.list()).administrators.filter(({ stands }) => stands)).toMatchObject([
      { accountId: owner.accountId },
    ])
    // who cannot sign in is no owner to count on
    await expect(administrators.remove(owner.accountId, 'operator')).rejects.toMatchObject({ code: 'ADMIN_LAST_OWNER' })
    await eraseClosedAccounts(made.database, new Date(NOW.getTime() + CLOSED_GRACE_MS + 1), 100)
    expect((await administrators.list()).administrators.map(({ accountId }) => accountId)).not.toContain(
      third.accountId,
    )
  })

  test('every change is told with who did it', async () => {
    const owner = await firstOwner()
    const viewer = await another('viewer', owner)
    await administrators.changeRole(viewer.accountId, 'linker', owner)
    await administrators.remove(viewer.accountId, 'operator')
    const { rows } = await made.database.query<{ type: string; actor: string; role: string }>(
      `SELECT type, actor, details ->> 'role' AS role FROM audit_events WHERE account_id = $1 AND type LIKE 'admin.%' ORDER BY sequence`,
      [viewer.accountId],
    )
    expect(rows).toEqual([
      { type: 'admin.joined', actor: `admin:${viewer.accountId}`, role: 'viewer' },
      { type: 'admin.role_changed', actor: `admin:${owner.accountId}`, role: 'linker' },
      { type: 'admin.removed', actor: 'operator', role: 'linker' },
    ])
  })
})
