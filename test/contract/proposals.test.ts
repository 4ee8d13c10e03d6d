import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createProposals } from '../../src/administration/proposal/create-proposals.ts'
import type { Proposals } from '../../src/administration/proposal/proposals.ts'
import type { Decider } from '../../src/administration/proposal/proposal.ts'
import type { ProposedAct } from '../../src/administration/proposal/proposed-act.ts'
import type { Role } from '../../src/administration/role.ts'
import { appendAuditEvents } from '../../src/storage/audit-log.ts'
import { createAccountNotices } from '../../src/storage/account-notices.ts'
import { endEverythingShortLived } from '../../src/storage/lineage/recovery-store.ts'
import { openDatabase } from '../../src/storage/open-database.ts'
import { createProposalStore } from '../../src/storage/proposal-store.ts'
import { GRAPH_ACTS } from '../../src/subject/graph/account-graph-store.ts'
import { identityOf as card } from '../support/certificate-identity.ts'
import { addProposingProgram } from '../support/add-proposing-program.ts'
import { createMigratedDatabase, DATABASES, type TestDatabase } from '../support/databases.ts'
import { accepted, createSubjectWorld, type SubjectWorld } from '../support/subject-world.ts'

const NOW = new Date('2026-11-22T03:00:00Z')
const DAY_MS = 86_400_000
const REASON = 'the card was renewed while nobody could be asked'
const refusal = (code: string): unknown => expect.objectContaining({ name: 'Refusal', code })

describe.each(DATABASES)('proposals on $name', ({ name: databaseName, createDatabase }) => {
  let made: TestDatabase
  let world: SubjectWorld
  let time = NOW
  let linker: Decider
  let approver: Decider
  let owner: Decider
  beforeAll(async () => {
    made = await createMigratedDatabase(createDatabase)
    world = createSubjectWorld(made.database)
    linker = await administrator('linker')
    approver = await administrator('approver')
    owner = await administrator('owner')
  })
  afterAll(() => made.remove())

  const proposalsOn = (database = made.database, policy: readonly string[] = GRAPH_ACTS): Proposals =>
    createProposals({
      store: createProposalStore(database),
      policy: new Set(GRAPH_ACTS.filter((act) => policy.includes(act))),
      limitMs: 3 * DAY_MS,
      now: () => time,
      newId: randomUUID,
    })

  const signIn = (name: string) => accepted(world.resolve(card(name)))

  async function administrator(role: Role, name = `the ${role}`): Promise<Decider> {
    const { accountId } = await signIn(name)
    await made.database.query('INSERT INTO admins (account_id, role, at) VALUES ($1, $2, $3)', [accountId, role, NOW])
    return { actor: `admin:${accountId}`, accountId, role }
  }

  async function propose(proposed: ProposedAct, by = linker, proposals = proposalsOn()) {
    const { version } = await proposals.preview(proposed, by)
    return proposals.propose({ proposed, reason: REASON, version, toldAs: 'renewed' }, by)
  }

  const two = async (name: string) => ({ gone: await signIn(`${name} 1`), left: await signIn(`${name} 2`) })
  async function proposedMerge(name: string) {
    const { gone, left } = await two(name)
    const proposed = { act: 'merge', accountId: gone.accountId, into: left.accountId } as const
    return { gone, left, proposed, proposal: await propose(proposed) }
  }
  const leadsTo = async (name: string) => (await signIn(name)).accountId
  const events = async (proposalId: string) =>
    (
      await made.database.query<{ type: string; actor: string }>(
        `SELECT type, actor FROM audit_events WHERE details ->> 'proposalId' = $1 ORDER BY sequence`,
        [proposalId],
      )
    ).rows

  describe('refused, and it stays open', () => {
    test('by whoever proposed it', async () => {
      const { proposal, gone } = await proposedMerge('own')
      await expect(proposalsOn().approve(proposal.id, linker)).rejects.toEqual(refusal('ADMIN_OWN_PROPOSAL'))
      await expect(proposalsOn().reject(proposal.id, linker, 'no')).rejects.toEqual(refusal('ADMIN_OWN_PROPOSAL'))
      expect(await proposalsOn().show(proposal.id, linker)).toMatchObject({
        proposal: { state: 'open' },
        hindrance: { code: 'ADMIN_OWN_PROPOSAL' },
        mayWithdraw: true,
      })
      expect(await leadsTo('own 1')).toBe(gone.accountId)
    })

    test('by the proposer’s other account, once the two are one', async () => {
      const first = await administrator('linker', 'first account of a linker')
      const { accountId: second } = await signIn('second account of a linker')
      const { accountId } = await signIn('about whom they agree')
      const proposal = await propose({ act: 'suspend', accountId }, first)
      await made.database.query('DELETE FROM admins WHERE account_id = $1', [first.accountId])
      await world.graph.merge(
        { accountId: first.accountId ?? '', into: second },
        { actor: 'operator', reason: 'a test' },
      )
      const same = await administrator('approver', 'second account of a linker')
      expect(same.accountId).toBe(second)
      await expect(proposalsOn().approve(proposal.id, same)).rejects.toEqual(refusal('ADMIN_OWN_PROPOSAL'))
      await proposalsOn().withdraw(proposal.id, same)
    })

    test.each([
      ['suspend', (accountId: string): ProposedAct => ({ act: 'suspend', accountId })],
      ['close', (accountId: string): ProposedAct => ({ act: 'close', accountId })],
    ])('%s of an administrator’s account, by themselves', async (_act, actOn) => {
      for (const by of [linker, owner]) {
        await expect(proposalsOn().preview(actOn(by.accountId ?? ''), by)).rejects.toEqual(refusal('ADMIN_OWN_ACCOUNT'))
        await expect(
          proposalsOn().propose({ proposed: actOn(by.accountId ?? ''), reason: REASON, version: 'x' }, by),
        ).rejects.toEqual(refusal('ADMIN_OWN_ACCOUNT'))
      }
    })

    test('whoever it is about neither approves nor rejects it; of an administrator an owner does', async () => {
      const about = await administrator('approver', 'an approver who is to be suspended')
      const proposal = await propose(
        { act: 'suspend', accountId: about.accountId ?? '' },
        linker,
        proposalsOn(undefined, []),
      )
      expect(proposal).toMatchObject({ needs: 'owner', state: 'open' })
      await expect(proposalsOn().approve(proposal.id, about)).rejects.toEqual(refusal('ADMIN_OWN_ACCOUNT'))
      await expect(proposalsOn().reject(proposal.id, about, 'not me')).rejects.toEqual(refusal('ADMIN_OWN_ACCOUNT'))
      await expect(proposalsOn().approve(proposal.id, approver)).rejects.toEqual(refusal('ADMIN_OWNER_NEEDED'))
      expect(await proposalsOn().approve(proposal.id, owner)).toMatchObject({ state: 'executed' })
    })

    test('somebody who became an administrator after it was proposed', async () => {
      const { accountId } = await signIn('promoted meanwhile')
      const proposal = await propose({ act: 'suspend', accountId })
      await made.database.query(`INSERT INTO admins (account_id, role, at) VALUES ($1, 'viewer', $2)`, [accountId, NOW])
      await expect(proposalsOn().approve(proposal.id, approver)).rejects.toEqual(refusal('ADMIN_OWNER_NEEDED'))
    })

    test('of an administrator who lost their role since', async () => {
      const former = await administrator('linker', 'a linker for a day')
      const { accountId } = await signIn('about whom a former linker spoke')
      const { id } = await propose({ act: 'suspend', accountId }, former)
      await made.database.query('DELETE FROM admins WHERE account_id = $1', [former.accountId])
      await expect(proposalsOn().approve(id, approver)).rejects.toEqual(refusal('ADMIN_PROPOSER_GONE'))
      expect(await proposalsOn().show(id, approver)).toMatchObject({ hindrance: { code: 'ADMIN_PROPOSER_GONE' } })
      expect(await proposalsOn().reject(id, approver, 'nobody stands for it')).toMatchObject({ state: 'rejected' })
    })

    test.each([
      ['may only look by now', `UPDATE admins SET role = 'viewer' WHERE account_id = $1`],
      ['is suspended', `UPDATE accounts SET status = 'suspended' WHERE id = $1`],
    ])('of an administrator who %s', async (how, change) => {
      const former = await administrator('linker', `a linker who ${how}`)
      const { accountId } = await signIn(`about whom a linker spoke who ${how}`)
      const { id } = await propose({ act: 'suspend', accountId }, former)
      await made.database.query(change, [former.accountId])
      await expect(proposalsOn().approve(id, approver)).rejects.toEqual(refusal('ADMIN_PROPOSER_GONE'))
    })

    test('of a program, by whoever added it, or had its secret in their hands since', async () => {
      const keepers = [
        await administrator('owner', 'who added it'),
        await administrator('owner', 'who drew its secret'),
      ]
      await addProposingProgram(made.database, 'puppet', keepers[0]?.actor ?? 'operator')
      await appendAuditEvents(
        made.database,
        [{ type: 'client.changed', clientId: 'puppet', change: 'secret_rotated' }],
        NOW,
        keepers[1]?.actor,
      )
      const { accountId } = await signIn('about whom a puppet speaks')
      const { id } = await propose({ act: 'close', accountId }, { actor: 'service:puppet' })
      for (const keeper of keepers) {
        await expect(proposalsOn().approve(id, keeper)).rejects.toEqual(refusal('ADMIN_OWN_PROPOSAL'))
        expect(await proposalsOn().show(id, keeper)).toMatchObject({ hindrance: { code: 'ADMIN_OWN_PROPOSAL' } })
      }
      expect(await proposalsOn().approve(id, approver)).toMatchObject({ state: 'executed' })
      await made.database.query('DELETE FROM admins WHERE account_id = ANY ($1)', [keepers.map((one) => one.accountId)])
    })

    test.each([
      ['taken out', 'DELETE FROM admin_api_clients WHERE client_id = $1'],
      ['left with other scopes', `UPDATE admin_api_clients SET scopes = '{}' WHERE client_id = $1`],
      ['disabled', 'UPDATE clients SET disabled_at = now() WHERE client_id = $1'],
    ])('of a program that was %s since', async (how, change) => {
      await addProposingProgram(made.database, how, owner.actor)
      const { accountId } = await signIn(`of a program ${how}`)
      const { id } = await propose({ act: 'close', accountId }, { actor: `service:${how}` })
      await made.database.query(change, [how])
      await expect(proposalsOn().approve(id, approver)).rejects.toEqual(refusal('ADMIN_PROPOSER_GONE'))
    })

    test('what would leave no owner who can sign in', async () => {
      const { accountId = '' } = owner
      const { credentialId } = await signIn('the owner')
      for (const act of [
        { act: 'suspend', accountId },
        { act: 'close', accountId },
        { act: 'unlink', credentialId },
      ] as const) {
        await expect(proposalsOn().preview(act, linker)).rejects.toEqual(refusal('ADMIN_LAST_OWNER'))
      }
      await expect(
        proposalsOn().preview({ act: 'merge', accountId, into: (await signIn('taker of a role')).accountId }, linker),
      ).rejects.toEqual(refusal('ADMIN_ACCOUNT_HAS_ROLE'))
    })

    test('attack 44: a card that would make somebody an administrator', async () => {
      const { accountId: into = '' } = approver
      const { accountId } = await signIn('would-be approver')
      await expect(proposalsOn().preview({ act: 'merge', accountId, into }, linker)).rejects.toEqual(
        refusal('ADMIN_ACCOUNT_HAS_ROLE'),
      )
    })

    test('what has changed since: the proposer saw something else, and the page says what', async () => {
      const { proposal, gone } = await proposedMerge('changed')
      const suspended = await world.graph.suspend(gone.accountId, { actor: 'operator', reason: 'something else' })
      await expect(proposalsOn().approve(proposal.id, approver)).rejects.toEqual(refusal('ADMIN_CHANGED_MEANWHILE'))
      expect(await proposalsOn().show(proposal.id, approver)).toMatchObject({
        changed: [{ what: `account ${gone.accountId}`, before: 'active', now: 'suspended' }],
        hindrance: { code: 'ADMIN_CHANGED_MEANWHILE' },
        effects: undefined,
      })
      await world.graph.undo(suspended, { actor: 'operator', reason: 'back' })
      expect(await proposalsOn().approve(proposal.id, approver)).toMatchObject({ state: 'executed' })
    })

    test('a site that both know by now: the merge would be another one', async () => {
      const { proposal, gone, left } = await proposedMerge('a site more')
      const sub = await world.subjectFor(gone.accountId, 'new shop')
      expect((await proposalsOn().show(proposal.id, approver)).changed).toEqual([
        { what: `sub of ${gone.accountId} at new shop`, before: undefined, now: sub },
      ])
      await expect(proposalsOn().approve(proposal.id, approver)).rejects.toEqual(refusal('ADMIN_CHANGED_MEANWHILE'))
      await proposalsOn().withdraw(proposal.id, linker)
      const again = await propose({ act: 'merge', accountId: gone.accountId, into: left.accountId })
      await signIn('a site more 1')
      expect(await proposalsOn().approve(again.id, approver)).toMatchObject({ state: 'executed' })
    })

    test('a form that was filled in before somebody else proposed something', async () => {
      const { gone, left } = await two('two editors')
      const proposed = { act: 'merge', accountId: gone.accountId, into: left.accountId } as const
      const second = await administrator('linker', 'the second editor')
      const { version, openBeside } = await proposalsOn().preview(proposed, second)
      expect(openBeside).toEqual([])
      const first = await propose({ act: 'suspend', accountId: gone.accountId })
      await expect(proposalsOn().propose({ proposed, reason: REASON, version }, second)).rejects.toEqual(
        refusal('ADMIN_CHANGED_MEANWHILE'),
      )
      const looked = await proposalsOn().preview(proposed, second)
      expect(looked.openBeside).toMatchObject([{ id: first.id }])
      expect(await proposalsOn().propose({ proposed, reason: REASON, version: looked.version }, second)).toMatchObject({
        state: 'open',
      })
    })

    test.each(['', '   ', 'x'.repeat(1001)])(
      'without a reason, or with one longer than the log keeps',
      async (reason) => {
        const { accountId } = await signIn('reasonless')
        const proposed = { act: 'suspend', accountId } as const
        const { version } = await proposalsOn().preview(proposed, linker)
        await expect(proposalsOn().propose({ proposed, reason, version }, linker)).rejects.toEqual(
          refusal('ADMIN_OPERATION_REFUSED'),
        )
      },
    )

    test.each([randomUUID(), 'not an id', "' OR 1=1"])('a proposal that is none: %s', async (id) => {
      for (const act of [
        () => proposalsOn().approve(id, approver),
        () => proposalsOn().reject(id, approver, 'no'),
        () => proposalsOn().withdraw(id, linker),
        () => proposalsOn().show(id, linker),
      ]) {
        await expect(act()).rejects.toEqual(refusal('ADMIN_PROPOSAL_NOT_FOUND'))
      }
    })

    test('withdrawn by somebody else', async () => {
      const { proposal } = await proposedMerge('not mine')
      await expect(proposalsOn().withdraw(proposal.id, approver)).rejects.toEqual(refusal('ADMIN_NOT_OWN_PROPOSAL'))
    })
  })

  test('approved: done in one transaction, by its proposer, and told to the people of both accounts once', async () => {
    const { gone, left, proposal } = await proposedMerge('approved')
    expect(proposal).toMatchObject({
      state: 'open',
      needs: 'administrator',
      expiresAt: new Date(NOW.getTime() + 3 * DAY_MS),
    })
    const done = await proposalsOn().approve(proposal.id, approver)
    expect(await leadsTo('approved 1')).toBe(left.accountId)
    const [operation] = await world.graph.history(left.accountId)
    expect(operation).toMatchObject({ id: done.closed?.operationId, actor: linker.actor, reason: REASON, act: 'merge' })
    expect(await events(proposal.id)).toEqual([
      { type: 'proposal.made', actor: linker.actor },
      { type: 'proposal.approved', actor: approver.actor },
    ])
    expect(await proposalsOn().show(proposal.id, linker)).toMatchObject({
      proposal: { state: 'executed', closed: { by: { actor: approver.actor }, operationId: operation?.id } },
      hindrance: { code: 'ADMIN_PROPOSAL_CLOSED' },
    })

    const notices = createAccountNotices(made.database)
    const [notice, ...more] = await notices.untold(left.accountId)
    expect([notice, more]).toMatchObject([{ act: 'merge', reason: 'renewed', operationId: operation?.id }, []])
    await notices.told(left.accountId, notice?.operationId ?? '', NOW)
    expect(await notices.untold(left.accountId)).toEqual([])
    expect(await notices.untold(gone.accountId)).toEqual([])
    expect(await notices.all(left.accountId, 10)).toMatchObject([{ act: 'merge' }])
  })

  test('undone the same way: proposed, approved, and all is as before', async () => {
    const { gone, left, proposal } = await proposedMerge('undone')
    const { closed } = await proposalsOn().approve(proposal.id, approver)
    const undoing = await propose({ act: 'undo', operationId: closed?.operationId ?? '' })
    expect(undoing.accountIds).toEqual(expect.arrayContaining([gone.accountId, left.accountId]))
    await proposalsOn().approve(undoing.id, approver)
    expect(await leadsTo('undone 1')).toBe(gone.accountId)
    await expect(
      proposalsOn().preview({ act: 'undo', operationId: closed?.operationId ?? '' }, linker),
    ).rejects.toEqual(refusal('ADMIN_OPERATION_REFUSED'))
  })

  test('what the policy asks nobody else about is done at once, on record as a proposal', async () => {
    const { accountId } = await signIn('urgent')
    const proposal = await propose({ act: 'suspend', accountId }, linker, proposalsOn(undefined, ['merge']))
    expect(proposal).toMatchObject({ state: 'executed', needs: 'nobody', closed: { by: { actor: linker.actor } } })
    expect(await world.isActive(accountId)).toBe(false)
    // a program has no eyes: it waits
    const program: Decider = { actor: 'service:back-office' }
    await addProposingProgram(made.database, 'back-office', owner.actor)
    const { accountId: other } = await signIn('urgent for a program')
    const byProgram = await propose({ act: 'suspend', accountId: other }, program, proposalsOn(undefined, []))
    expect(byProgram).toMatchObject({ state: 'open', needs: 'administrator' })
    expect(await proposalsOn().approve(byProgram.id, approver)).toMatchObject({ state: 'executed' })
  })

  test('attack 44: of many who approve, withdraw and reject at once exactly one decides, on two processes', async () => {
    const others = await Promise.all(
      Array.from({ length: 6 }, (_, n) => administrator('approver', `${databaseName} approver ${n}`)),
    )
    const { connectionString } = made.database.pool.options as { connectionString?: string }
    const second =
      databaseName === 'PostgreSQL' && connectionString !== undefined
        ? await openDatabase({ databaseUrl: connectionString, maxConnections: 10 })
        : undefined
    for (let round = 0; round < 3; round++) {
      const { proposal, left } = await proposedMerge(`race ${round}`)
      const deciding = [
        ...others.map((by, n) => () => proposalsOn(n % 2 === 0 ? made.database : second).approve(proposal.id, by)),
        () => proposalsOn(second).withdraw(proposal.id, linker),
        () => proposalsOn().reject(proposal.id, owner, 'no'),
      ]
      const from = round % deciding.length
      const ended = await Promise.allSettled(
        [...deciding.slice(-from), ...deciding.slice(0, -from)].map((act) => act()),
      )
      const done = ended.filter(({ status }) => status === 'fulfilled')
      expect(done).toHaveLength(1)
      for (const one of ended) {
        if (one.status === 'rejected') expect(one.reason).toEqual(refusal('ADMIN_PROPOSAL_CLOSED'))
      }
      const operations = await world.graph.history(left.accountId)
      const { proposal: closed } = await proposalsOn().show(proposal.id, owner)
      expect(operations).toHaveLength(closed.state === 'executed' ? 1 : 0)
      expect(await events(proposal.id)).toHaveLength(2)
    }
    await second?.close()
  })

  test('attack 39: two proposals about one account: whichever is approved first leaves the other to be looked at anew', async () => {
    const { gone, left } = await two('contended')
    const third = await signIn('contended 3')
    const proposals = [
      await propose({ act: 'merge', accountId: gone.accountId, into: left.accountId }),
      await propose({ act: 'merge', accountId: gone.accountId, into: third.accountId }),
    ]
    const ended = await Promise.allSettled(proposals.map(({ id }) => proposalsOn().approve(id, approver)))
    expect(ended.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
    expect(ended.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: refusal('ADMIN_CHANGED_MEANWHILE'),
    })
  })

  test('time is over: it reads so at once, nobody can approve it, and the job closes it, once', async () => {
    const { proposal } = await proposedMerge('late')
    try {
      time = proposal.expiresAt
      const expired = await proposalsOn().list({ state: 'expired' }, { limit: 100 })
      expect(expired.map(({ id }) => id)).toContain(proposal.id)
      await expect(proposalsOn().approve(proposal.id, approver)).rejects.toEqual(refusal('ADMIN_PROPOSAL_CLOSED'))
      await expect(proposalsOn().withdraw(proposal.id, linker)).rejects.toEqual(refusal('ADMIN_PROPOSAL_CLOSED'))
      const counts = await Promise.all([proposalsOn().closeExpired(500), proposalsOn().closeExpired(500)])
      expect(counts.reduce((sum, count) => sum + count, 0)).toBeGreaterThan(0)
      expect(await proposalsOn().closeExpired(500)).toBe(0)
      expect(await proposalsOn().countOpen()).toBe(0)
      expect(await events(proposal.id)).toMatchObject([
        { type: 'proposal.made' },
        { type: 'proposal.expired', actor: 'schedule' },
      ])
    } finally {
      time = NOW
    }
  })

  test('attack 44: after a restore nothing that was open can be approved: it may have been withdrawn since', async () => {
    const { proposal } = await proposedMerge('restored')
    await made.database.transaction((transaction) => endEverythingShortLived(transaction, NOW))
    await expect(proposalsOn().approve(proposal.id, approver)).rejects.toEqual(refusal('ADMIN_PROPOSAL_CLOSED'))
    expect(await proposalsOn().countOpen()).toBe(0)
  })

  test('lists are read page by page, newest first, by state and by account', async () => {
    const { accountId } = await signIn('listed')
    const made = []
    for (let n = 0; n < 5; n++) {
      const one = await propose({ act: 'suspend', accountId })
      made.unshift(one.id)
      if (n % 2 === 0) await proposalsOn().reject(one.id, approver, `no ${n}`)
    }
    const about = { accountIds: [accountId] }
    const first = await proposalsOn().list(about, { limit: 3 })
    const rest = await proposalsOn().list(about, { limit: 3, before: first.at(-1)?.sequence })
    expect([...first, ...rest].map(({ id }) => id)).toEqual(made)
    expect(await proposalsOn().list({ ...about, state: 'rejected' }, { limit: 9 })).toMatchObject([
      { closed: { reason: 'no 4' } },
      { closed: { reason: 'no 2' } },
      { closed: { reason: 'no 0' } },
    ])
  })

  test('the preview of a merge: cards, accounts, and which sub each site sees before and after', async () => {
    const { gone, left } = await two('previewed')
    const subs = {
      goneShop: await world.subjectFor(gone.accountId, 'shop'),
      goneBoth: await world.subjectFor(gone.accountId, 'both'),
      leftBank: await world.subjectFor(left.accountId, 'bank'),
      leftBoth: await world.subjectFor(left.accountId, 'both'),
    }
    const proposed = { act: 'merge', accountId: gone.accountId, into: left.accountId } as const
    const { effects } = await proposalsOn().preview(proposed, linker)
    expect(effects.accounts).toEqual([
      { accountId: gone.accountId, before: 'active', after: 'merged', mergedInto: left.accountId },
    ])
    expect(effects.cards).toMatchObject([
      { credentialId: gone.credentialId, before: { accountId: gone.accountId }, after: { accountId: left.accountId } },
    ])
    const sites = Object.fromEntries(effects.people.map(({ from, sites: of }) => [from, of]))
    expect(sites).toEqual({
      [gone.accountId]: [
        { sector: 'bank', before: undefined, after: subs.leftBank },
        { sector: 'both', before: subs.goneBoth, after: subs.leftBoth },
        { sector: 'shop', before: subs.goneShop, after: subs.goneShop },
      ],
      [left.accountId]: [
        { sector: 'bank', before: subs.leftBank, after: subs.leftBank },
        { sector: 'both', before: subs.leftBoth, after: subs.leftBoth },
        { sector: 'shop', before: undefined, after: subs.goneShop },
      ],
    })
    expect(effects.ends).toEqual(expect.arrayContaining([{ accountId: gone.accountId }, { accountId: left.accountId }]))

    // and it is what happens
    const { id } = await propose(proposed)
    await proposalsOn().approve(id, approver)
    for (const name of ['previewed 1', 'previewed 2']) {
      const { accountId } = await signIn(name)
      for (const [sector, sub] of [
        ['bank', subs.leftBank],
        ['both', subs.leftBoth],
        ['shop', subs.goneShop],
      ] as const) {
        expect(await world.subjectFor(accountId, sector)).toBe(sub)
      }
    }
  })
})
