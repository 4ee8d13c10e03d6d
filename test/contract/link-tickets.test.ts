import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { ServedClient } from '../../src/relying-party/client-registry.ts'
import { createExternalAccounts, type ExternalAccounts } from '../../src/relying-party/link/create-external-accounts.ts'
import { createLinkTickets, type LinkTickets } from '../../src/relying-party/link/create-link-tickets.ts'
import { createExternalAccountStore } from '../../src/storage/external-account-store.ts'
import { createRecoveryStore, endEverythingShortLived } from '../../src/storage/lineage/recovery-store.ts'
import { createLinkTicketStore } from '../../src/storage/link-ticket-store.ts'
import { identityOf as card } from '../support/certificate-identity.ts'
import { createMigratedDatabase, DATABASES, type TestDatabase } from '../support/databases.ts'
import { accepted, createSubjectWorld, type SubjectWorld } from '../support/subject-world.ts'

const START = new Date('2026-11-22T03:00:00Z')
const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE
const ISSUER = 'https://id.example'
const RETURN = 'https://shop.example/linked'
const SITES = ['shop', 'bank']
const BY = { actor: 'operator', reason: 'a test' } as const

describe.each(DATABASES)('links of users of sites on $name', ({ createDatabase }) => {
  let made: TestDatabase
  let world: SubjectWorld
  let tickets: LinkTickets
  let links: ExternalAccounts
  let clock = START
  let people = 0
  let returnUris = [RETURN]

  beforeAll(async () => {
    made = await createMigratedDatabase(createDatabase)
    const { database } = made
    world = createSubjectWorld(database)
    const now = () => clock
    tickets = createLinkTickets({
      store: createLinkTicketStore(database),
      clients: {
        find: (clientId) =>
          Promise.resolve(
            SITES.includes(clientId)
              ? ({ clientId, linkReturnUris: returnUris } as unknown as ServedClient)
              : undefined,
          ),
      },
      issuer: ISSUER,
      now,
      random: randomBytes,
      newId: randomUUID,
    })
    links = createExternalAccounts({ store: createExternalAccountStore(database), now })
    for (const clientId of SITES) {
      await database.query(
        `INSERT INTO clients (client_id, registration, created_at, updated_at) VALUES ($1, '{}', $2, $2)`,
        [clientId, START],
      )
    }
  })
  afterAll(() => made.remove())
  beforeEach(async () => {
    clock = START
    returnUris = [RETURN]
    await made.database.query('DELETE FROM link_tickets')
    await made.database.query('DELETE FROM external_accounts')
  })

  const somebody = async (): Promise<string> => (await accepted(world.resolve(card(`person ${++people}`)))).accountId
  const secretOf = (url: string): string => url.split('/').at(-1) ?? ''
  const make = (externalId: string, clientId = 'shop', idempotencyKey?: string) =>
    tickets.make(clientId, { external_id: externalId }, { actor: 'client', idempotencyKey })
  const invite = async (externalId: string, clientId = 'shop'): Promise<string> =>
    secretOf((await make(externalId, clientId)).url)
  const link = async (externalId: string, accountId: string, clientId = 'shop') =>
    (await tickets.confirm(await invite(externalId, clientId), accountId)).result
  const codeOf = (work: Promise<unknown>): Promise<unknown> =>
    work.then(
      () => 'done',
      (fault: unknown) => (fault as { readonly code?: string }).code,
    )
  const standing = async (): Promise<readonly string[]> => {
    const { rows } = await made.database.query<{ text: string }>(
      `SELECT client_id || ' ' || external_id AS text FROM external_accounts ORDER BY id`,
    )
    return rows.map(({ text }) => text)
  }
  const eventsOf = async (column: 'account_id' | 'client_id', value: string) => {
    const { rows } = await made.database.query<{ type: string; actor: string; details: Record<string, unknown> }>(
      `SELECT type, actor, details FROM audit_events WHERE ${column} = $1 AND type ~ 'link_ticket|external' ORDER BY sequence`,
      [value],
    )
    return rows
  }

  describe('what is asked for', () => {
    test.each([
      ['nothing', {}],
      ['no text', { external_id: 7 }],
      ['an empty user', { external_id: '' }],
      ['a user that nobody sees', { external_id: ' \u3000\u200A' }],
      ['a user that no address leads to', { external_id: '..' }],
      ['a user of half a character, all of which are one to a database', { external_id: 'a\uD800' }],
      ['a user of 256 characters', { external_id: 'x'.repeat(256) }],
      ['a user with a line break', { external_id: 'a\nb' }],
      ['a label that turns the line round', { external_id: 'a', label: 'x\u202Ey' }],
      ['a label that nobody sees', { external_id: 'a', label: '\u3164\uFE0F' }],
      ['a label of 81 characters', { external_id: 'a', label: 'x'.repeat(81) }],
      ['a time of 59 seconds', { external_id: 'a', expires_in: 59 }],
      ['a time of more than a week', { external_id: 'a', expires_in: 604_801 }],
      ['half a second', { external_id: 'a', expires_in: 60.5 }],
      ['a field that is not known', { external_id: 'a', account_id: randomUUID() }],
      ['a list', []],
      ['null', null],
    ])('%s is refused, with nothing written', async (_what, request) => {
      expect(await codeOf(tickets.make('shop', request, { actor: 'client' }))).toBe('CLIENT_FIELDS_INVALID')
      const { rows } = await made.database.query('SELECT FROM link_tickets')
      expect(rows).toHaveLength(0)
    })

    test.each([
      `${RETURN}?x=1`,
      `${RETURN}/`,
      'https://shop.example',
      'https://attacker.example/',
      'javascript:alert(1)',
    ])('attack 1: a way back to %s, which is not registered, is refused', async (address) => {
      const request = { external_id: 'a', return_url: address }
      expect(await codeOf(tickets.make('shop', request, { actor: 'client' }))).toBe('LINK_RETURN_URL_UNREGISTERED')
    })

    test('attack 1: a way back that was taken out of the registration since leads there no more', async () => {
      const request = { external_id: 'a', return_url: RETURN }
      const { url } = await tickets.make('shop', request, { actor: 'client' })
      expect((await tickets.open(secretOf(url))).ticket.returnUrl).toBe(RETURN)
      returnUris = []
      expect((await tickets.stop(secretOf(url))).ticket.returnUrl).toBeUndefined()
    })

    test('what people have in their names is no fault', async () => {
      for (const label of ['葛\u{E0100}城 𠮷野', 'Zoë', '𓀀', '👩🏽', '７'])
        expect((await tickets.make('shop', { external_id: label, label }, { actor: 'client' })).ticket.label).toBe(
          label,
        )
    })

    test('a site that is unknown or disabled gets none', async () => {
      expect(await codeOf(make('a', 'nobody'))).toBe('CLIENT_NOT_FOUND')
    })

    test('the address is kept by nobody: only its digest is there', async () => {
      const { url, ticket } = await make('member-1')
      expect(url).toMatch(/^https:\/\/id\.example\/link\/[\w-]{43}$/)
      const { rows } = await made.database.query<{ row: string }>(
        `SELECT to_jsonb(link_tickets)::text AS row FROM link_tickets
         UNION ALL SELECT to_jsonb(audit_events)::text FROM audit_events
         UNION ALL SELECT to_jsonb(link_ticket_secrets)::text FROM link_ticket_secrets`,
      )
      const dump = rows.map(({ row }) => row).join('\n')
      expect(dump).not.toContain(secretOf(url))
      expect(dump).toContain(createHash('sha256').update(secretOf(url)).digest('hex'))
      expect(dump).toContain(ticket.id)
    })

    test('the log has that there was one, and never what the site calls its user', async () => {
      await link('member-secret', await somebody())
      const { rows } = await made.database.query<{ row: string }>(
        'SELECT to_jsonb(audit_events)::text AS row FROM audit_events',
      )
      expect(rows.map(({ row }) => row).join('\n')).not.toContain('member-secret')
    })
  })

  describe('a request that is repeated', () => {
    test('is one ticket with another address; the first one leads there too', async () => {
      const [one, two] = [await make('a', 'shop', 'key'), await make('a', 'shop', 'key')]
      expect([one.isRepeated, two.isRepeated]).toEqual([false, true])
      expect(two.ticket.id).toBe(one.ticket.id)
      expect(two.url).not.toBe(one.url)
      for (const { url } of [one, two]) expect((await tickets.open(secretOf(url))).ticket.id).toBe(one.ticket.id)
    })

    test('at once, ten times: one ticket', async () => {
      const all = await Promise.all(Array.from({ length: 10 }, () => make('a', 'shop', 'key')))
      expect(new Set(all.map(({ ticket }) => ticket.id)).size).toBe(1)
      expect(all.filter(({ isRepeated }) => !isRepeated)).toHaveLength(1)
      expect(await codeOf(make('a', 'shop', 'key'))).toBe('SIGNIN_RATE_LIMITED')
    })

    test('with another content is refused; the key of another site is another key', async () => {
      const first = await make('a', 'shop', 'key')
      expect(await codeOf(make('b', 'shop', 'key'))).toBe('CLIENT_IDEMPOTENCY_MISMATCH')
      expect((await make('a', 'bank', 'key')).ticket.id).not.toBe(first.ticket.id)
    })
  })

  describe('a ticket', () => {
    test('is seen and called off by its own site only', async () => {
      const { ticket } = await make('a')
      for (const work of [() => tickets.show('bank', ticket.id), () => tickets.cancel('bank', ticket.id, 'client')])
        expect(await codeOf(work())).toBe('LINK_TICKET_NOT_FOUND')
      expect(await codeOf(tickets.show('shop', 'not an id'))).toBe('LINK_TICKET_NOT_FOUND')
      expect(await tickets.show('shop', ticket.id)).toEqual(ticket)
    })

    test('attack 45: confirmed once, it is used up, for the same person and for another', async () => {
      const [secret, first, second] = [await invite('a'), await somebody(), await somebody()]
      expect((await tickets.confirm(secret, first)).result).toEqual({ outcome: 'linked', already: false })
      for (const accountId of [first, second])
        expect(await codeOf(tickets.confirm(secret, accountId))).toBe('LINK_TICKET_USED')
      expect(await links.externalIdOf(first, 'shop')).toBe('a')
      expect(await links.externalIdOf(second, 'shop')).toBeUndefined()
    })

    test('looking at it uses nothing up', async () => {
      const secret = await invite('a')
      for (let times = 0; times < 5; times++) expect((await tickets.open(secret)).ticket.state).toBe('open')
      expect((await tickets.confirm(secret, await somebody())).result.outcome).toBe('linked')
    })

    test.each([
      ['expired', 'LINK_TICKET_EXPIRED', () => void (clock = new Date(START.getTime() + 10 * MINUTE))],
      ['stopped by the person', 'LINK_TICKET_CANCELLED', (secret: string) => tickets.stop(secret)],
      [
        'called off by the site',
        'LINK_TICKET_CANCELLED',
        (_: string, id: string) => tickets.cancel('shop', id, 'client'),
      ],
    ])('%s, it can neither be opened, confirmed nor stopped', async (_what, code, end) => {
      const { ticket, url } = await make('a')
      const secret = secretOf(url)
      const accountId = await somebody()
      await end(secret, ticket.id)
      for (const work of [
        () => tickets.open(secret),
        () => tickets.confirm(secret, accountId),
        () => tickets.stop(secret),
      ])
        expect(await codeOf(work())).toBe(code)
      expect(await codeOf(tickets.cancel('shop', ticket.id, 'client'))).toBe(code)
      expect(await standing()).toEqual([])
    })

    test('of an account that was suspended meanwhile links nothing, and is not used up', async () => {
      const [secret, accountId] = [await invite('a'), await somebody()]
      await world.graph.suspend(accountId, BY)
      expect(await codeOf(tickets.confirm(secret, accountId))).toBe('LINK_ACCOUNT_SUSPENDED')
      expect((await tickets.open(secret)).ticket.state).toBe('open')
    })

    test('stays a day after its time, to be asked about, and goes', async () => {
      const [{ ticket }, store] = [await make('a'), createLinkTicketStore(made.database)]
      clock = new Date(START.getTime() + 10 * MINUTE + DAY - 1)
      expect(await store.deleteExpired(clock, 10)).toBe(0)
      expect((await tickets.show('shop', ticket.id)).state).toBe('open')
      clock = new Date(clock.getTime() + 1)
      expect(await store.deleteExpired(clock, 10)).toBe(1)
      expect((await made.database.query('SELECT FROM link_ticket_secrets')).rows).toHaveLength(0)
    })
  })

  describe('one of its users is one person, and one person is one of its users', () => {
    test('the same again is no fault', async () => {
      const accountId = await somebody()
      await link('a', accountId)
      expect(await link('a', accountId)).toEqual({ outcome: 'linked', already: true })
      expect(await standing()).toEqual(['shop a'])
    })

    test('this card is linked to another user here', async () => {
      const accountId = await somebody()
      await link('a', accountId)
      const { url, ticket } = await make('b')
      expect((await tickets.confirm(secretOf(url), accountId)).result).toEqual({
        outcome: 'refused',
        code: 'LINK_CARD_TAKEN',
      })
      expect(await tickets.show('shop', ticket.id)).toMatchObject({ state: 'refused', code: 'LINK_CARD_TAKEN' })
      expect(await standing()).toEqual(['shop a'])
      expect(await eventsOf('account_id', accountId)).toMatchObject([
        { type: 'external_account.linked', details: { already: false } },
        { type: 'link_ticket.refused', details: { code: 'LINK_CARD_TAKEN' } },
      ])
    })

    test('this user is linked to another card', async () => {
      await link('a', await somebody())
      expect(await link('a', await somebody())).toEqual({ outcome: 'refused', code: 'LINK_USER_TAKEN' })
    })

    test('another site has users of its own, of the same name too', async () => {
      const [one, two] = [await somebody(), await somebody()]
      await link('a', one)
      await link('a', two, 'bank')
      expect(await links.externalIdOf(one, 'bank')).toBeUndefined()
      expect(await links.externalIdOf(two, 'shop')).toBeUndefined()
      expect(await links.accountOf('bank', 'a')).toBe(two)
    })

    test('attack 45: of twenty confirmations of one ticket exactly one counts', async () => {
      const secret = await invite('a')
      const accounts = [await somebody(), await somebody(), await somebody(), await somebody()]
      const all = await Promise.all(
        Array.from({ length: 20 }, (_none, n) => codeOf(tickets.confirm(secret, accounts[n % 4] ?? ''))),
      )
      expect(all.filter((code) => code === 'done')).toHaveLength(1)
      expect(all.filter((code) => code === 'LINK_TICKET_USED')).toHaveLength(19)
      expect(await standing()).toEqual(['shop a'])
    })

    test('ten tickets of one user, ten people at once: one is linked', async () => {
      const secrets = await Promise.all(Array.from({ length: 10 }, () => invite('a')))
      const accounts: string[] = []
      for (let n = 0; n < 10; n++) accounts.push(await somebody())
      const all = await Promise.all(
        secrets.map((secret, n) =>
          tickets.confirm(secret, accounts[n] ?? '').then(
            ({ result }) => (result.outcome === 'linked' ? 'linked' : result.code),
            (fault: unknown) => (fault as { code: string }).code,
          ),
        ),
      )
      expect(all.filter((one) => one === 'linked')).toHaveLength(1)
      // whoever comes after the one finds their invitation called off
      expect(all.filter((one) => one === 'LINK_TICKET_CANCELLED' || one === 'LINK_USER_TAKEN')).toHaveLength(9)
      expect(await standing()).toEqual(['shop a'])
    })

    test('one person, ten users at once: one is linked', async () => {
      const accountId = await somebody()
      const all = await Promise.all(Array.from({ length: 10 }, (_none, n) => link(`user-${n}`, accountId)))
      expect(all.filter(({ outcome }) => outcome === 'linked')).toHaveLength(1)
      expect(await standing()).toHaveLength(1)
    })
  })

  describe('what stands', () => {
    test('is listed page by page, for its own site only', async () => {
      for (const externalId of ['a', 'b', 'c']) await link(externalId, await somebody())
      await link('z', await somebody(), 'bank')
      const first = await links.list('shop', { limit: 2 })
      expect(first.links.map(({ externalId }) => externalId)).toEqual(['a', 'b'])
      const second = await links.list('shop', { limit: 2, cursor: first.nextCursor })
      expect(second).toMatchObject({ links: [{ externalId: 'c' }], nextCursor: undefined })
      expect(await codeOf(links.list('shop', { cursor: "1' OR 1=1" }))).toBe('CLIENT_FIELDS_INVALID')
    })

    test('is removed by the site once, and by no other; older invitations end with it', async () => {
      const accountId = await somebody()
      await link('a', accountId)
      const invitation = await invite('a')
      expect(await codeOf(links.remove('bank', 'a', 'client'))).toBe('LINK_EXTERNAL_ACCOUNT_NOT_FOUND')
      const all = await Promise.all([1, 2, 3].map(() => codeOf(links.remove('shop', 'a', 'client'))))
      expect(all.toSorted()).toEqual(['LINK_EXTERNAL_ACCOUNT_NOT_FOUND', 'LINK_EXTERNAL_ACCOUNT_NOT_FOUND', 'done'])
      expect(await links.externalIdOf(accountId, 'shop')).toBeUndefined()
      expect(await codeOf(tickets.confirm(invitation, accountId))).toBe('LINK_TICKET_CANCELLED')
      expect((await eventsOf('account_id', accountId)).at(-1)).toMatchObject({
        type: 'external_account.removed',
        actor: 'client',
      })
    })

    test('is removed by the person, and then free for another', async () => {
      const [accountId, other] = [await somebody(), await somebody()]
      await link('a', accountId)
      expect(await links.ofAccount(accountId)).toMatchObject([{ clientId: 'shop', externalId: 'a', linkedAt: START }])
      expect(await links.removeOfAccount(other, 'shop', 'person')).toBe(false)
      expect(await links.removeOfAccount(accountId, 'shop', 'person')).toBe(true)
      expect(await link('a', other)).toEqual({ outcome: 'linked', already: false })
    })

    test('removed and confirmed at once, time and again: nobody waits for ever, and the two never contradict', async () => {
      const accountId = await somebody()
      for (let round = 0; round < 5; round++) {
        await Promise.all([
          ...Array.from({ length: 2 }, () => link('a', accountId).catch(() => undefined)),
          ...Array.from({ length: 2 }, () => links.removeOfAccount(accountId, 'shop', 'person')),
        ])
        expect((await standing()).length).toBeLessThanOrEqual(1)
      }
    })
  })

  describe('accounts that are changed by hand', () => {
    test('after a merge the survivor has the link; undone, it goes back', async () => {
      const [gone, left] = [await somebody(), await somebody()]
      await link('a', gone)
      const operation = await world.graph.merge({ accountId: gone, into: left }, BY)
      expect([await links.externalIdOf(left, 'shop'), await links.externalIdOf(gone, 'shop')]).toEqual(['a', 'a'])
      expect(await links.accountOf('shop', 'a')).toBe(left)
      expect(await link('a', left)).toEqual({ outcome: 'linked', already: true })
      expect(await link('b', left)).toEqual({ outcome: 'refused', code: 'LINK_CARD_TAKEN' })
      await world.graph.undo(operation, BY)
      expect([await links.externalIdOf(left, 'shop'), await links.externalIdOf(gone, 'shop')]).toEqual([undefined, 'a'])
    })

    test('attack 39: two people who are different users of one site are not merged, nor is an undone merge done again', async () => {
      const [gone, left] = [await somebody(), await somebody()]
      await link('a', gone)
      const merge = await world.graph.merge({ accountId: gone, into: left }, BY)
      const undone = await world.graph.undo(merge, BY)
      await link('b', left)
      expect(await codeOf(world.graph.merge({ accountId: gone, into: left }, BY))).toBe('ADMIN_OPERATION_REFUSED')
      expect(await codeOf(world.graph.undo(undone, BY))).toBe('ADMIN_OPERATION_REFUSED')
      await links.remove('shop', 'b', 'operator')
      expect(await codeOf(world.graph.undo(undone, BY))).toBe('done')
    })

    test('of two that were merged into one, too', async () => {
      const [one, two, left] = [await somebody(), await somebody(), await somebody()]
      await link('a', one)
      await link('b', two)
      await world.graph.merge({ accountId: one, into: left }, BY)
      expect(await codeOf(world.graph.merge({ accountId: two, into: left }, BY))).toBe('ADMIN_OPERATION_REFUSED')
    })

    test('a card that is split off takes no link along', async () => {
      const { accountId } = await accepted(world.resolve(card(`split ${++people}`)))
      const other = await accepted(world.resolve(card(`split ${people} other`)))
      await world.graph.merge({ accountId: other.accountId, into: accountId }, BY)
      await link('a', accountId)
      const { newAccountId, operationId } = await world.graph.split(
        { accountId, credentialIds: [other.credentialId] },
        BY,
      )
      expect(await links.externalIdOf(newAccountId, 'shop')).toBeUndefined()
      expect(await links.externalIdOf(accountId, 'shop')).toBe('a')
      // attack 39: both are users of the site by the time that somebody would make them one again
      await link('b', newAccountId)
      expect(await codeOf(world.graph.undo(operationId, BY))).toBe('ADMIN_OPERATION_REFUSED')
    })
  })

  test('attacks 43 and 45: after a restore no ticket opens, and what was removed since can be removed again', async () => {
    const [accountId, secret] = [await somebody(), await invite('b')]
    await link('a', accountId)
    await made.database.transaction((transaction) => endEverythingShortLived(transaction, START))
    expect(await codeOf(tickets.open(secret))).toBe('LINK_TICKET_NOT_FOUND')
    expect(await standing()).toEqual(['shop a'])
    await createRecoveryStore(made.database).removeLinks([{ accountId, clientId: 'shop' }])
    expect(await standing()).toEqual([])
  })
})
