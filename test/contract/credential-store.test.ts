import { randomBytes, randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AuditLog } from '../../src/audit/audit-log.ts'
import { createAuditLog } from '../../src/storage/audit-log.ts'
import { createChainStore } from '../../src/storage/chain-store.ts'
import { createCredentialStore } from '../../src/storage/credential-store.ts'
import type { Database } from '../../src/storage/database.ts'
import { openDatabase } from '../../src/storage/open-database.ts'
import type { Pepper, PepperedIdentity, Peppers } from '../../src/subject/credential-handle.ts'
import type { ChainStore, ChainWrite } from '../../src/subject/chain/chain-store.ts'
import type { AccountStatus, CredentialStatus, CredentialStore } from '../../src/subject/credential-store.ts'
import { createSubjectResolver } from '../../src/subject/create-subject-resolver.ts'
import type { SubjectResolver } from '../../src/subject/resolution.ts'
import { identityOf } from '../support/certificate-identity.ts'
import { createMigratedDatabase, DATABASES, type TestDatabase } from '../support/databases.ts'
import { createMemoryCredentialStore } from '../support/memory-credential-store.ts'
import { noHandOvers } from '../support/no-hand-overs.ts'
import { pollUntil } from '../support/poll-until.ts'
import { accepted, createSubjectWorld } from '../support/subject-world.ts'

const NOW = new Date('2026-11-22T03:00:00Z')
const LATER = new Date('2026-11-23T03:00:00Z')
const OLD: Pepper = { version: 1, key: Buffer.alloc(32, 1) }
const NEW: Pepper = { version: 2, key: Buffer.alloc(32, 2) }
const PARALLEL = 50

/** What the contract needs to see behind the port, and to change as an administrator would. */
interface Backstage {
  readonly store: CredentialStore
  readonly chains: ChainStore
  readonly audit: AuditLog
  eventTypes(): Promise<string[]>
  lastUsedAt(credentialId: string): Promise<Date | undefined>
  setStatus(credentialId: string, status: CredentialStatus): Promise<void>
  setAccountStatus(accountId: string, status: AccountStatus, mergedInto?: string): Promise<void>
  counts(): Promise<{ accounts: number; credentials: number }>
  remove(): Promise<void>
}

async function createOnDatabase(createDatabase: () => Promise<TestDatabase>): Promise<Backstage> {
  const made = await createMigratedDatabase(createDatabase)
  const { database } = made
  const count = async (table: string): Promise<number> =>
    Number((await database.query<{ count: string }>(`SELECT count(*) FROM ${table}`)).rows[0]?.count)
  return {
    store: createCredentialStore(database),
    chains: createChainStore(database),
    audit: createAuditLog({ database, now: () => NOW }),
    eventTypes: async () =>
      (await database.query<{ type: string }>('SELECT type FROM audit_events ORDER BY sequence')).rows.map(
        ({ type }) => type,
      ),
    lastUsedAt: async (id) =>
      (await database.query<{ last_used_at: Date }>('SELECT last_used_at FROM credentials WHERE id = $1', [id])).rows[0]
        ?.last_used_at,
    setStatus: async (id, status) => {
      await database.query('UPDATE credentials SET status = $2 WHERE id = $1', [id, status])
    },
    setAccountStatus: async (id, status, mergedInto) => {
      await database.query('UPDATE accounts SET status = $2, merged_into = $3 WHERE id = $1', [id, status, mergedInto])
    },
    counts: async () => ({ accounts: await count('accounts'), credentials: await count('credentials') }),
    remove: () => made.remove(),
  }
}

function createInMemory(): Promise<Backstage> {
  const store = createMemoryCredentialStore()
  return Promise.resolve({
    store,
    chains: store,
    audit: { append: (event) => Promise.resolve(void store.events.push(event)) },
    eventTypes: () => Promise.resolve(store.events.map(({ type }) => type)),
    lastUsedAt: (id) => Promise.resolve(store.credentials.find(({ credentialId }) => credentialId === id)?.lastUsedAt),
    setStatus: (id, status) => {
      store.setCredential(id, { status })
      return Promise.resolve()
    },
    setAccountStatus: (id, status, mergedInto) => {
      store.setAccountStatus(id, status, mergedInto)
      return Promise.resolve()
    },
    counts: () =>
      Promise.resolve({
        accounts: new Set(store.credentials.map(({ accountId }) => accountId)).size,
        credentials: store.credentials.length,
      }),
    remove: () => Promise.resolve(),
  })
}

const STORES = [
  ...DATABASES.map(({ name, createDatabase }) => ({ name, create: () => createOnDatabase(createDatabase) })),
  { name: 'memory', create: createInMemory },
]

function resolverOn(
  { store, chains, audit }: Pick<Backstage, 'store' | 'chains' | 'audit'>,
  peppers: Peppers,
  now: Date,
): SubjectResolver {
  return createSubjectResolver({
    store,
    chains,
    handOvers: noHandOvers,
    linkage: { style: 'none' },
    unknownCards: 'new',
    acceptsPhones: false,
    onLinkageUnavailable: () => undefined,
    audit,
    peppers,
    now: () => now,
    random: randomBytes,
    newId: randomUUID,
  })
}

describe.each(STORES)('credential store: $name', ({ create }) => {
  let backstage: Backstage
  beforeAll(async () => {
    backstage = await create()
  })
  afterAll(() => backstage.remove())

  const resolver = (peppers: Peppers = [OLD], now = NOW): SubjectResolver => resolverOn(backstage, peppers, now)
  async function firstLogIn(card: string, peppers?: Peppers): Promise<{ accountId: string; credentialId: string }> {
    const resolution = await resolver(peppers).resolve(identityOf(card))
    if (resolution.outcome !== 'created') throw new Error('not created')
    return resolution
  }

  test.each(['superseded', 'revoked', 'unlinked'] as const)(
    'a card that is %s is recognised, and not marked as used',
    async (status) => {
      const { credentialId, accountId } = await firstLogIn(status)
      await backstage.setStatus(credentialId, status)
      expect(await resolver([OLD], LATER).resolve(identityOf(status))).toMatchObject({ outcome: 'refused' })
      expect(await backstage.lastUsedAt(credentialId)).toEqual(NOW)
      expect(await resolver().isActive(accountId)).toBe(true)
    },
  )

  test.each(['suspended', 'closed'] as const)(
    'a card of an account that is %s is not marked as used',
    async (status) => {
      const { credentialId, accountId } = await firstLogIn(status)
      await backstage.setAccountStatus(accountId, status)
      expect(await resolver([OLD], LATER).resolve(identityOf(status))).toMatchObject({ outcome: 'refused' })
      expect(await backstage.lastUsedAt(credentialId)).toEqual(NOW)
      expect(await resolver().isActive(accountId)).toBe(false)
    },
  )

  test('attack 38: a contradiction is refused, told to the log, and the card is not marked as used', async () => {
    const { credentialId } = await firstLogIn('contradicted')
    const before = await backstage.eventTypes()
    for (const change of [{ publicKeyDer: Buffer.from('other') }, { issuerKeyId: Buffer.from('other') }]) {
      const resolution = await resolver([OLD], LATER).resolve(identityOf('contradicted', change))
      expect(resolution).toEqual({ outcome: 'refused', code: 'CERT_IDENTITY_CONFLICT' })
    }
    expect((await backstage.eventTypes()).slice(before.length)).toEqual(['credential.conflict', 'credential.conflict'])
    expect(await backstage.lastUsedAt(credentialId)).toEqual(NOW)
  })

  test('a log-in marks the card as used, and never as used earlier', async () => {
    const { credentialId } = await firstLogIn('used')
    await resolver([OLD], LATER).resolve(identityOf('used'))
    await resolver([OLD], NOW).resolve(identityOf('used'))
    expect(await backstage.lastUsedAt(credentialId)).toEqual(LATER)
  })

  const record = {
    clientId: 'shop',
    acr: 'phrh',
    revocation: { status: 'good', method: 'ocsp', source: 'jpki', checkedAt: NOW },
  } as const

  test('a sign-in is in the log with the look-up of its card, and only when the card may sign in', async () => {
    await firstLogIn('recorded')
    const before = (await backstage.eventTypes()).length
    const written = async (): Promise<string[]> => (await backstage.eventTypes()).slice(before)
    expect(await resolver().resolve(identityOf('recorded'))).toMatchObject({ outcome: 'known', isRecorded: false })
    expect(await written()).toEqual([])
    expect(await resolver().resolve(identityOf('recorded'), record)).toMatchObject({ isRecorded: true })
    expect(await written()).toEqual(['sign_in.succeeded'])
  })

  test.each(['superseded', 'revoked', 'unlinked'] as const)(
    'a card that is %s is no sign-in in the log',
    async (status) => {
      const { credentialId } = await firstLogIn(`unrecorded ${status}`)
      await backstage.setStatus(credentialId, status)
      const before = await backstage.eventTypes()
      expect(await resolver().resolve(identityOf(`unrecorded ${status}`), record)).toMatchObject({ outcome: 'refused' })
      expect(await backstage.eventTypes()).toEqual(before)
    },
  )

  test('a card of a merged account reaches the one that is left', async () => {
    const [gone, left] = [await firstLogIn('gone'), await firstLogIn('left')]
    await backstage.setAccountStatus(gone.accountId, 'merged', left.accountId)
    expect(await resolver().resolve(identityOf('gone'))).toMatchObject({
      outcome: 'known',
      accountId: left.accountId,
      credentialId: gone.credentialId,
    })
    await backstage.setAccountStatus(left.accountId, 'suspended')
    expect(await resolver().resolve(identityOf('gone'))).toMatchObject({ code: 'LINK_ACCOUNT_SUSPENDED' })
  })

  test('the pepper changes step by step: no stranger, no second row', async () => {
    const ids = await firstLogIn('peppered')
    const before = await backstage.counts()
    for (const peppers of [[OLD, NEW], [NEW, OLD], [OLD, NEW], [NEW, OLD], [NEW]] as const) {
      expect(await resolver(peppers).resolve(identityOf('peppered'))).toMatchObject({ ...ids, outcome: 'known' })
    }
    expect(await backstage.counts()).toEqual(before)
  })

  test(`attack 37: ${PARALLEL} parallel first log-ins of one card make one account`, async () => {
    const before = { counts: await backstage.counts(), events: await backstage.eventTypes() }
    const resolutions = await Promise.all(
      Array.from({ length: PARALLEL }, () => resolver().resolve(identityOf('crowd'))),
    )
    expect(resolutions.filter(({ outcome }) => outcome === 'created')).toHaveLength(1)
    expect(resolutions.filter(({ outcome }) => outcome === 'known')).toHaveLength(PARALLEL - 1)
    expect(new Set(resolutions.map((one) => 'accountId' in one && one.accountId)).size).toBe(1)
    expect(await backstage.counts()).toEqual({
      accounts: before.counts.accounts + 1,
      credentials: before.counts.credentials + 1,
    })
    const events = (await backstage.eventTypes()).slice(before.events.length)
    expect(events).toEqual(['account.created', 'credential.first_seen'])
  })

  test(`${PARALLEL} parallel questions for a subject get one answer; another sector another`, async () => {
    const { accountId } = await firstLogIn('popular')
    const subs = await Promise.all(
      Array.from({ length: PARALLEL }, () => resolver().subjectFor(accountId, 'shop.example')),
    )
    expect(new Set(subs).size).toBe(1)
    expect(await resolver().subjectFor(accountId, 'bank.example')).not.toBe(subs[0])
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

  const resolverOf = (database: Database, peppers: Peppers): SubjectResolver =>
    resolverOn(
      {
        store: createCredentialStore(database),
        chains: createChainStore(database),
        audit: createAuditLog({ database, now: () => NOW }),
      },
      peppers,
      NOW,
    )

  test.each([
    ['with the same pepper', [OLD], [OLD]],
    ['one a step ahead in changing the pepper: new known', [OLD], [OLD, NEW]],
    ['one a step ahead in changing the pepper: new written', [OLD, NEW], [NEW, OLD]],
    ['one a step ahead in changing the pepper: old dropped', [NEW, OLD], [NEW]],
  ] as const)(`attack 37: ${PARALLEL} parallel first log-ins make one account, %s`, async (what, peppers, others) => {
    const resolvers = [resolverOf(made.database, peppers), resolverOf(second, others)]
    const crowd = Array.from({ length: PARALLEL / resolvers.length }, () => resolvers).flat()
    const resolutions = await Promise.all(crowd.map((resolver) => resolver.resolve(identityOf(what))))
    expect(resolutions.filter(({ outcome }) => outcome === 'created')).toHaveLength(1)
    expect(new Set(resolutions.map((one) => 'accountId' in one && one.accountId)).size).toBe(1)
  })

  test('attack 39: a site that asks for a name while the account is being merged hears the one it knows', async () => {
    const world = createSubjectWorld(made.database)
    const [gone, left] = [
      await accepted(world.resolve(identityOf('merged while asked 1'))),
      await accepted(world.resolve(identityOf('merged while asked 2'))),
    ]
    const known = await world.subjectFor(gone.accountId, 'racing')
    let merged = false
    const store = createCredentialStore({
      ...made.database,
      // the store has looked and found nothing; before it writes, the merge is done
      query: async (text, values) => {
        const answer = await made.database.query<never>(text, values)
        if (!merged) {
          merged = true
          const by = { actor: 'operator', reason: 'a race' } as const
          await world.graph.merge({ accountId: gone.accountId, into: left.accountId }, by)
        }
        return answer
      },
    })
    expect(await store.subject(left.accountId, 'racing', 'another', NOW)).toBe(known)
    expect(await world.subjectFor(left.accountId, 'racing')).toBe(known)
  })

  test('an account that was merged is called nothing new: what the one that is left is called', async () => {
    const world = createSubjectWorld(made.database)
    const [gone, left] = [
      await accepted(world.resolve(identityOf('merged and asked 1'))),
      await accepted(world.resolve(identityOf('merged and asked 2'))),
    ]
    await world.graph.merge({ accountId: gone.accountId, into: left.accountId }, { actor: 'operator', reason: 'one' })
    const late = await world.subjectFor(gone.accountId, 'asked late')
    expect(await world.subjectFor(left.accountId, 'asked late')).toBe(late)
  })

  test('attack 39: a card that is replaced, and forgotten under its old pepper, while it signs in: no fault, and it stays replaced', async () => {
    const card = identityOf('replaced while used')
    const { credentialId } = await accepted(createSubjectWorld(made.database).resolve(card))
    const { promise: released, resolve: release } = Promise.withResolvers<undefined>()
    const { promise: held, resolve: hold } = Promise.withResolvers<undefined>()
    // what a newer card's chain does to a row that it moves to the next pepper (src/storage/chain-store.ts)
    const replacing = made.database.transaction(async (transaction) => {
      await transaction.query(
        `UPDATE credentials SET status = 'superseded', issuer_key_id = NULL, public_key_digest = NULL WHERE id = $1`,
        [credentialId],
      )
      hold(undefined)
      await released
    })
    await held
    const signingIn = createSubjectWorld(made.database).resolve(card)
    await pollUntil(
      async () => {
        const { rows } = await made.database.query(
          `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
        )
        return rows.length > 0
      },
      { complaint: 'the sign-in did not meet the row' },
    )
    release(undefined)
    await replacing
    // it read the row before it was replaced, so it may have been in time; what it must not do is fail, or write
    expect((await signingIn).outcome).toBe('known')
    const { rows } = await made.database.query(
      'SELECT status, issuer_key_id, public_key_digest FROM credentials WHERE id = $1',
      [credentialId],
    )
    expect(rows).toEqual([{ status: 'superseded', issuer_key_id: null, public_key_digest: null }])
  })

  test('account, credential and event are written together or not at all', async () => {
    const handle = new Uint8Array(randomBytes(32))
    const identity = { pepperVersion: 1, handle, publicKeyDigest: handle } as unknown as PepperedIdentity
    const issuerKeyId = Buffer.alloc(20)
    const presented = { kind: 'card-auth', identities: [identity], issuerKeyId, notAfter: LATER } as const
    const account: ChainWrite = {
      at: NOW,
      account: { accountId: randomUUID(), isNew: true },
      current: { credentialId: randomUUID(), kind: 'card-auth', presented, status: 'current' },
      ...{ named: [], recorded: [], superseded: [], moved: [], links: [], traced: [] },
    }
    const [store, chains] = [createCredentialStore(made.database), createChainStore(made.database)]
    const damaged = { type: 'account.created', accountId: 'not an id' } as const
    await expect(chains.write(account, [damaged])).rejects.toThrow()
    expect(await store.accountStatus(account.account.accountId)).toBeUndefined()
    expect(await store.use(presented, NOW)).toBeUndefined()
    expect(await chains.write(account, [])).toBe(true)
  })
})
