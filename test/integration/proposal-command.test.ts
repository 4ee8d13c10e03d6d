import { randomBytes, randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createProposals } from '../../src/administration/proposal/create-proposals.ts'
import type { Proposals } from '../../src/administration/proposal/proposals.ts'
import type { Database } from '../../src/storage/database.ts'
import { migrateUp } from '../../src/storage/migrate.ts'
import { openDatabase } from '../../src/storage/open-database.ts'
import { createProposalStore } from '../../src/storage/proposal-store.ts'
import { GRAPH_ACTS } from '../../src/subject/graph/account-graph-store.ts'
import { identityOf as card } from '../support/certificate-identity.ts'
import { addProposingProgram } from '../support/add-proposing-program.ts'
import { createPostgresDatabase, type PostgresDatabase } from '../support/postgres.ts'
import { runSekisho, sekishoJson, type Environment } from '../support/run-sekisho.ts'
import { accepted, createSubjectWorld, PEPPER } from '../support/subject-world.ts'

let postgres: PostgresDatabase
let database: Database
let proposals: Proposals
let environment: Environment

beforeAll(async () => {
  postgres = await createPostgresDatabase()
  database = await openDatabase({ databaseUrl: postgres.databaseUrl, maxConnections: 2 })
  await migrateUp(database.pool)
  await addProposingProgram(database, 'back-office', 'operator')
  proposals = createProposals({
    store: createProposalStore(database),
    policy: new Set(GRAPH_ACTS),
    limitMs: 3_600_000,
    now: () => new Date(),
    newId: randomUUID,
  })
  environment = {
    ISSUER: 'http://localhost:3000',
    DATABASE_URL: postgres.databaseUrl,
    COOKIE_KEYS: randomBytes(32).toString('base64url'),
    HANDLE_PEPPER: `1:${Buffer.from(PEPPER.key).toString('base64')}`,
    KEY_ENCRYPTION_KEY: randomBytes(32).toString('base64'),
    REVOCATION_SOURCES: 'none',
    LOG_LEVEL: 'silent',
  }
})
afterAll(async () => {
  await database.close()
  await postgres.drop()
})

async function proposed(name: string) {
  const { accountId } = await accepted(createSubjectWorld(database).resolve(card(name)))
  const act = { act: 'suspend', accountId } as const
  const by = { actor: 'service:back-office' } as const
  const { version } = await proposals.preview(act, by)
  return { accountId, ...(await proposals.propose({ proposed: act, reason: 'misuse', version }, by)) }
}

describe('sekisho proposal', () => {
  test.each([
    ['a state that is none', ['list', '--state', 'lost'], 64, /no state is called/],
    ['a proposal that is none', ['approve', 'x'], 65, /^ADMIN_PROPOSAL_NOT_FOUND/],
    ['a rejection without a reason', ['reject', 'x'], 1, /--reason/],
  ])('%s is refused in one line', async (_what, args, status, complaint) => {
    const ended = await runSekisho(environment, ['proposal', ...args])
    expect(ended).toMatchObject({ status, stdout: '' })
    expect(ended.stderr).toMatch(complaint)
  })

  test('what waits is listed, approved by the operator, once, and the log says by whom', async () => {
    const { id, accountId } = await proposed('suspended by two')
    const listed = await sekishoJson<readonly { id: string }[]>(environment, 'proposal', 'list', '--state', 'open')
    expect(listed).toMatchObject([{ id, state: 'open' }])
    const done = await sekishoJson<unknown>(environment, 'proposal', 'approve', id)
    expect(done).toMatchObject({ state: 'executed', closed: { by: { actor: 'operator' } } })
    expect(await runSekisho(environment, ['proposal', 'approve', id])).toMatchObject({ status: 65 })
    const { rows } = await database.query(
      'SELECT type, actor FROM audit_events WHERE account_id = $1 ORDER BY sequence',
      [accountId],
    )
    expect(rows.slice(-3)).toEqual([
      { type: 'proposal.made', actor: 'service:back-office' },
      { type: 'account.suspended', actor: 'service:back-office' },
      { type: 'proposal.approved', actor: 'operator' },
    ])
  })
})
