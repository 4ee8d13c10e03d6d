import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loadConfig } from '../../src/config/load-config.ts'
import { keepAuditPruned } from '../../src/main/audit/keep-audit-pruned.ts'
import { openAuditSealer } from '../../src/main/audit/open-audit-sealer.ts'
import { createClientStore } from '../../src/storage/client-store.ts'
import { eraseClosedAccounts } from '../../src/storage/erase-accounts.ts'
import { createOidcArtifactStore } from '../../src/storage/oidc-artifact-store.ts'
import { openDatabase } from '../../src/storage/open-database.ts'
import { createOutbox } from '../../src/storage/outbox.ts'
import { deleteExpiredCounts } from '../../src/storage/rate-limits/create-rate-limits.ts'
import { confirmLogOut } from '../support/confirm-log-out.ts'
import { startConformanceSystem, type ConformanceSystem } from '../support/conformance-system.ts'
import { openidSite } from '../support/openid-site.ts'
import { pollUntil } from '../support/poll-until.ts'
import { authorizationUrl, basic, get, post } from '../support/raw-openid.ts'
import { runSekisho, type Environment } from '../support/run-sekisho.ts'

/** Servers under a role that the owner of the schema made for them (docs/adr/0021): the database itself keeps the audit log from them. */
let system: ConformanceSystem
let asOwner: Environment
let server: pg.Client
let roles: { readonly owner: string; readonly server: string }

const as = (databaseUrl: string, role: string): string => {
  const url = new URL(databaseUrl)
  url.username = role
  return url.href
}
const superuser = async (databaseUrl: string, statements: readonly string[]): Promise<void> => {
  const client = new pg.Client(databaseUrl)
  await client.connect()
  for (const statement of statements) await client.query(statement)
  await client.end()
}

let allPowerful = ''
beforeAll(async () => {
  system = await startConformanceSystem({ MIGRATE_AT_START: '0' }, async (databaseUrl) => {
    allPowerful = databaseUrl
    const name = new URL(databaseUrl).pathname.slice(1)
    roles = { owner: `${name}_owner`, server: `${name}_server` }
    await superuser(databaseUrl, [
      // it is the owner who migrates: a database of a test brings the tables of another
      'DROP SCHEMA public CASCADE',
      'CREATE SCHEMA public AUTHORIZATION pg_database_owner',
      'GRANT USAGE ON SCHEMA public TO PUBLIC',
      `CREATE ROLE ${roles.owner} LOGIN`,
      `CREATE ROLE ${roles.server} LOGIN`,
      `ALTER DATABASE ${name} OWNER TO ${roles.owner}`,
    ])
    const settings = {
      COOKIE_KEYS: 'k'.repeat(32),
      HANDLE_PEPPER: `1:${'A'.repeat(43)}=`,
      KEY_ENCRYPTION_KEY: `${'A'.repeat(43)}=`,
      REVOCATION_SOURCES: 'none',
    }
    asOwner = { ...settings, DATABASE_URL: as(databaseUrl, roles.owner) }
    expect(await runSekisho(asOwner, ['migrate', 'up'])).toMatchObject({ status: 0 })
    expect(await runSekisho(asOwner, ['database', 'grant', roles.server])).toMatchObject({ status: 0, stderr: '' })
    return as(databaseUrl, roles.server)
  })
  server = new pg.Client(as(allPowerful, roles.server))
  await server.connect()
  await system.register({
    clientId: 'site',
    firstParty: false,
    grantTypes: ['authorization_code', 'refresh_token'],
    postLogoutRedirectUris: ['http://localhost:1/bye'],
  })
})
afterAll(async () => {
  await server.end()
  await superuser(allPowerful, [
    `DROP OWNED BY ${roles.server}`,
    `DROP ROLE ${roles.server}`,
    `REASSIGN OWNED BY ${roles.owner} TO postgres`,
    `DROP ROLE ${roles.owner}`,
  ])
  await system.close()
})

test('a person signs in, agrees, is signed out; tokens are refreshed, looked at and revoked', async () => {
  const site = await openidSite(system, 'site')
  const person = system.person()
  const tokens = await site.signIn(person, { parameters: { scope: 'openid offline_access', prompt: 'consent' } })
  const send = (path: string, parameters: Record<string, string>) =>
    post(`${system.issuer}${path}`, parameters, basic('site'))
  const refreshed = await send('/token', {
    grant_type: 'refresh_token',
    refresh_token: tokens.refresh_token ?? '',
  })
  expect(refreshed.status).toBe(200)
  const token = String(refreshed.body['access_token'])
  const userinfo = async (): Promise<number> =>
    (await get(`${system.second}/me`, { authorization: `Bearer ${token}` })).status
  expect(await userinfo()).toBe(200)
  expect((await send('/token/introspection', { token })).status).toBe(200)
  expect((await send('/token/revocation', { token })).status).toBe(200)
  expect(await userinfo()).toBe(401)
  expect((await person.open(`${system.issuer}/account`)).status).toBe(200)
  await confirmLogOut(person, `${system.issuer}/session/end?client_id=site`)
  const again = await person.authorize(authorizationUrl(system.issuer, { prompt: 'none' }))
  expect(again.searchParams.get('error')).toBe('login_required')
})

test('its jobs are done', async () => {
  const database = await openDatabase({ databaseUrl: as(allPowerful, roles.server), maxConnections: 2 })
  try {
    const now = (): Date => new Date()
    await createOidcArtifactStore({ database, now }).deleteExpired(10)
    await deleteExpiredCounts(database, now(), 10)
    await eraseClosedAccounts(database, now(), 10)
    await createOutbox({ database, now }).deleteDone(now(), 10)
    expect(await createClientStore(database).find('site')).toBeDefined()
    const sealed = (): Promise<number> =>
      server.query<{ count: number }>('SELECT count(*)::int FROM audit_seals').then(({ rows }) => rows[0]?.count ?? 0)
    const sealer = openAuditSealer({ database, config: loadConfig({ ...system.environment }), now })
    await pollUntil(async () => (await sealer.seal()) > 0 || (await sealed()) > 0, { complaint: 'nothing was sealed' })
  } finally {
    await database.close()
  }
})

describe('whoever has got hold of a server cannot touch what it did', () => {
  test.each([
    ['edits a record', `UPDATE audit_events SET details = '{}'`],
    ['edits one through a lock', 'SELECT * FROM audit_events FOR UPDATE'],
    ['deletes records', 'DELETE FROM audit_events'],
    ['empties the log', 'TRUNCATE audit_events'],
    ['turns the triggers off', 'ALTER TABLE audit_events DISABLE TRIGGER ALL'],
    ['turns them off for itself', 'SET session_replication_role = replica'],
    ['drops the log', 'DROP TABLE audit_events'],
    ['edits a seal', `UPDATE audit_seals SET kid = 'x'`],
    ['buries a seal', `INSERT INTO audit_tombstones SELECT number, 1, 'x', now(), 'x', '\\x00' FROM audit_seals`],
    [
      'puts a function of its own in',
      'CREATE FUNCTION refuse_change_of_audit_log() RETURNS trigger LANGUAGE sql AS $$$$',
    ],
    ['says which database this is', 'DELETE FROM installation'],
    ['moves what is short-lived', `UPDATE short_lived_place SET place = 'redis'`],
  ])('%s', async (_name, statement) => {
    // 42501 insufficient_privilege: the database's own no, before any trigger
    await expect(server.query(statement)).rejects.toMatchObject({
      code: expect.stringMatching(/^(?:42501|42P13)$/) as string,
    })
  })

  test('the doctor says so, and of the owner that it could', async () => {
    const codes = async (environment: Environment): Promise<string> =>
      (await runSekisho(environment, ['doctor', '--json'])).stdout
    const restricted = await codes({ ...asOwner, DATABASE_URL: as(allPowerful, roles.server), AUDIT_KEEP_DAYS: '1' })
    expect(restricted).toContain('"AUDIT_ROWS_PROTECTED"')
    expect(restricted).toContain('"AUDIT_PRUNE_REFUSED"')
    expect(restricted).not.toContain('DATABASE_RIGHTS_MISSING')
    expect(await codes(asOwner)).toContain('"AUDIT_ROWS_EDITABLE"')
    await superuser(allPowerful, [`REVOKE DELETE ON oidc_artifacts FROM ${roles.server}`])
    expect(await codes({ ...asOwner, DATABASE_URL: as(allPowerful, roles.server) })).toContain('oidc_artifacts')
  })

  test.each([
    ['a role that is not there', () => 'nobody_at_all'],
    ['the owner', () => roles.owner],
    ['a superuser', () => 'postgres'],
  ])('%s is not made a server’s role', async (_name, role) => {
    const { status, stderr } = await runSekisho(asOwner, ['database', 'grant', role()])
    expect([status, stderr]).toEqual([65, expect.stringContaining('Nothing was changed')])
  })
})

test('between a migration and its grants servers of the release before go on ending what must end', async () => {
  await superuser(allPowerful, [`REVOKE ALL ON standing_changes, standing_memory FROM ${roles.server}`])
  for (const statement of [
    'UPDATE accounts SET sign_outs = sign_outs + 1',
    `UPDATE credentials SET status = 'revoked'`,
    'UPDATE consents SET revoked_at = now()',
    'DELETE FROM subjects',
  ]) {
    const { rowCount } = await server.query(statement)
    expect(rowCount).toBeGreaterThan(0)
  }
})

test('a retention that servers keep: what is old goes under a tombstone, anything else stays refused', async () => {
  expect(await runSekisho(asOwner, ['database', 'grant', roles.server, '--may-prune'])).toMatchObject({ status: 0 })
  await expect(server.query('DELETE FROM audit_events')).rejects.toMatchObject({ code: '23000' })
  await expect(server.query(`UPDATE audit_events SET details = '{}'`)).rejects.toMatchObject({ code: '42501' })
  const database = await openDatabase({ databaseUrl: as(allPowerful, roles.server), maxConnections: 2 })
  const told: unknown[] = []
  const keeping = keepAuditPruned({
    sealer: openAuditSealer({ database, config: loadConfig({ ...system.environment }), now: () => new Date() }),
    keepDays: 1,
    // the day after tomorrow
    now: () => new Date(Date.now() + 2 * 86_400_000),
    log: { info: (what: unknown) => told.push(what), error: (what: unknown) => told.push(what) } as never,
    everyMs: 20,
  })
  try {
    await pollUntil(() => Promise.resolve(told.length > 0), { complaint: 'nothing was taken out' })
    expect(told[0]).toMatchObject({ keepDays: 1, events: expect.any(Number) as number })
    expect(await runSekisho({ ...system.environment }, ['audit', 'verify'])).toMatchObject({ status: 0 })
  } finally {
    await keeping.stop()
    await database.close()
  }
})
