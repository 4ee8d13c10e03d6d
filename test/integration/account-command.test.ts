import { randomBytes } from 'node:crypto'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Database } from '../../src/storage/database.ts'
import { migrateUp } from '../../src/storage/migrate.ts'
import { openDatabase } from '../../src/storage/open-database.ts'
import type { PepperOctets, Peppers } from '../../src/subject/credential-handle.ts'
import { identityOf as card } from '../support/certificate-identity.ts'
import { freePorts } from '../support/free-port.ts'
import { createPostgresDatabase, type PostgresDatabase } from '../support/postgres.ts'
import { runSekisho, sekishoJson, type Environment } from '../support/run-sekisho.ts'
import { createScriptedLinkage } from '../support/scripted-linkage.ts'
import { accepted, countSubjectRows, createSubjectWorld } from '../support/subject-world.ts'
import { createTempDirectory, type TempDirectory } from '../support/temp-directory.ts'

const PEPPER: PepperOctets = { version: 1, key: Buffer.alloc(32, 1) }

let postgres: PostgresDatabase
let database: Database
let directory: TempDirectory
let environment: Environment

beforeAll(async () => {
  postgres = await createPostgresDatabase()
  database = await openDatabase({ databaseUrl: postgres.databaseUrl })
  await migrateUp(database.pool)
  directory = createTempDirectory('account-command')
  const peppers = join(directory.path, 'peppers')
  writeFileSync(peppers, `1:${Buffer.from(PEPPER.key).toString('base64')}`, { mode: 0o600 })
  environment = {
    ISSUER: 'http://localhost:3000',
    DATABASE_URL: postgres.databaseUrl,
    COOKIE_KEYS: randomBytes(32).toString('base64url'),
    HANDLE_PEPPER_FILE: peppers,
    KEY_ENCRYPTION_KEY: randomBytes(32).toString('base64'),
    REVOCATION_SOURCES: 'none',
    LOG_LEVEL: 'silent',
  }
})
afterAll(async () => {
  await database.close()
  await postgres.drop()
  await directory.remove()
})

const sekisho = (...args: string[]) => runSekisho(environment, args)
const done = (...args: string[]) =>
  sekishoJson<{ operationId: string }>(environment, 'account', ...args, '--reason', 'a test').then(
    ({ operationId }) => operationId,
  )

describe('sekisho account', () => {
  test.each([
    ['a change without a reason', ['suspend', '00000000-0000-4000-8000-000000000000'], 1, /--reason/],
    ['an account that is none', ['show', '00000000-0000-4000-8000-000000000000'], 65, /^ADMIN_ACCOUNT_NOT_FOUND/],
    ['an operation that is none', ['undo', 'x', '--reason', 'r'], 65, /^ADMIN_OPERATION_NOT_FOUND/],
  ])('%s is refused in one line', async (_what, args, status, complaint) => {
    const ended = await sekisho('account', ...args)
    expect(ended).toMatchObject({ status, stdout: '' })
    expect(ended.stderr).toMatch(complaint)
    expect(ended.stderr).not.toMatch(/\n {4}at /)
  })

  test('shows what there is of an account, by its id or by a sub, and nothing of the card', async () => {
    const nation = createScriptedLinkage()
    nation.replaces(card('shown 1'), card('shown 0'))
    const world = createSubjectWorld(database, { linkage: nation.previous })
    const { accountId } = await accepted(world.resolve(card('shown 1')))
    const sub = await world.subjectFor(accountId, 'shop.example')
    const byId = await sekisho('account', 'show', accountId)
    expect(byId).toEqual(await sekisho('account', 'show', sub))
    expect(byId.stdout).toMatch(/card-auth {2}current[\s\S]*renewed_by/)
    expect(byId.stdout).toContain(sub)
    const whole = byId.stdout + JSON.stringify(await sekishoJson(environment, 'account', 'show', accountId))
    for (const name of ['shown 0', 'shown 1']) {
      const { serialNumber } = card(name)
      for (const form of [
        Buffer.from(serialNumber).toString('hex'),
        String(Buffer.from(serialNumber).readUInt32BE()),
      ]) {
        expect(whole).not.toContain(form)
      }
    }
  })

  test.each(['-A', '-V', '-h', '--'])('a sub that begins with %s is no option', async (begin) => {
    const { accountId } = await accepted(createSubjectWorld(database).resolve(card(`dashed ${begin}`)))
    const sub = `${begin}${randomBytes(32).toString('base64url').slice(begin.length)}`
    await database.query('INSERT INTO subjects (account_id, sector, sub, created_at) VALUES ($1, $2, $3, now())', [
      accountId,
      `dash${begin}.example`,
      sub,
    ])
    expect(await sekishoJson(environment, 'account', 'show', sub)).toMatchObject({ accountId })
    expect(await sekisho('account', 'show', sub, '--jsn')).toMatchObject({ status: 1, stdout: '' })
  })

  test('merge, history, undo; the next change says why it cannot be', async () => {
    const world = createSubjectWorld(database)
    const [one, other] = [await accepted(world.resolve(card('one'))), await accepted(world.resolve(card('other')))]
    const merged = await done('merge', one.accountId, other.accountId)
    expect(await accepted(world.resolve(card('one')))).toMatchObject({ accountId: other.accountId })
    expect(await sekisho('account', 'suspend', one.accountId, '--reason', 'r')).toMatchObject({
      status: 65,
      stderr: 'ADMIN_OPERATION_REFUSED: the account is merged\n',
    })
    const undone = await done('undo', merged)
    expect(await sekishoJson(environment, 'account', 'history', one.accountId)).toMatchObject([
      { id: undone, act: 'undo', undoes: merged, actor: 'operator', reason: 'a test' },
      { id: merged, act: 'merge', undoneBy: undone },
    ])
    expect(await accepted(world.resolve(card('one')))).toMatchObject({ accountId: one.accountId })
  })

  test('suspend, reopen, close, unlink, link and split reach the log-in', async () => {
    const nation = createScriptedLinkage()
    nation.replaces(card('all 1'), card('all 0'))
    const world = createSubjectWorld(database, { linkage: nation.previous })
    const old = await accepted(world.resolve(card('all 0')))
    const { accountId, credentialId } = await accepted(world.resolve(card('all 1')))
    const outcome = async (): Promise<string> => {
      const resolution = await world.resolve(card('all 1'))
      return 'code' in resolution ? resolution.code : resolution.outcome
    }
    await done('suspend', accountId)
    expect(await outcome()).toBe('LINK_ACCOUNT_SUSPENDED')
    await done('reopen', accountId)
    await done('close', accountId)
    expect(await outcome()).toBe('LINK_ACCOUNT_CLOSED')
    await done('reopen', accountId)
    await done('unlink', credentialId)
    expect(await outcome()).toBe('LINK_CREDENTIAL_UNLINKED')
    await done('link', credentialId, accountId)
    expect(await outcome()).toBe('known')
    await done('split', accountId, old.credentialId)
    expect(await accepted(world.resolve(card('all 1')))).toMatchObject({ accountId })
  })
})

/** As a server that was just restarted reads them. */
function peppersOf({ HANDLE_PEPPER_FILE: path = '' }: Environment): Peppers<PepperOctets> {
  const entries = readFileSync(path, 'utf8').trim().split(',')
  const [first, ...others] = entries.map((entry): PepperOctets => {
    const [version = '', key = ''] = entry.split(':')
    return { version: Number(version), key: Buffer.from(key, 'base64') }
  })
  if (first === undefined) throw new Error('the file is empty')
  return [first, ...others]
}

describe('sekisho pepper', () => {
  const status = () =>
    sekishoJson<{ version: number; role: string; current: number }[]>(environment, 'pepper', 'status')

  test('changes step by step, moves rows as their cards are seen, and never forgets one in use', async () => {
    const world = () => createSubjectWorld(database, { peppers: peppersOf(environment) })
    const before = await status()
    expect(before).toMatchObject([{ version: 1, role: 'written' }])
    await database.query(`UPDATE credentials SET status = 'superseded' WHERE status = 'current'`)
    await accepted(world().resolve(card('in use')))

    const introduced = await sekisho('pepper', 'rotate')
    expect(introduced).toMatchObject({ status: 0, stdout: '' })
    expect(await status()).toMatchObject([
      { version: 1, role: 'written', current: 1 },
      { version: 2, role: 'looked for', current: 0 },
    ])
    await sekisho('pepper', 'rotate')
    expect(await sekisho('pepper', 'rotate')).toMatchObject({ status: 65 })
    expect((await sekisho('pepper', 'status')).stdout).toMatch(/1 cards in use move when they are next seen/)

    await accepted(world().resolve(card('in use')))
    expect(await status()).toMatchObject([
      { version: 2, role: 'written', current: 1 },
      { version: 1, role: 'looked for', current: 0 },
    ])
    expect(await sekisho('pepper', 'rotate')).toMatchObject({ status: 0, stdout: '' })
    expect(peppersOf(environment).map(({ version }) => version)).toEqual([2])
    expect(await world().resolve(card('in use'))).toMatchObject({ outcome: 'known' })
    expect(statSync(environment['HANDLE_PEPPER_FILE'] ?? '').mode & 0o777).toBe(0o600)

    // what was given up on purpose keeps no server from starting, and everything is on record
    expect((await sekisho('pepper', 'status')).stdout).toMatch(/^version 1 {2}given up/m)
    const { rows } = await database.query<{ actor: string; details: unknown }>(
      `SELECT actor, details FROM audit_events WHERE type = 'pepper.changed' ORDER BY sequence`,
    )
    expect(rows).toEqual([
      { actor: 'operator', details: { step: 'introduce', version: 1 } },
      { actor: 'operator', details: { step: 'promote', version: 2 } },
      { actor: 'operator', details: { step: 'retire', version: 2 } },
    ])
    expect(JSON.stringify(rows)).not.toContain(Buffer.from(peppersOf(environment)[0].key).toString('base64'))
  })

  test('a server without a pepper that cards are kept under does not start, and says which', async () => {
    const before = await countSubjectRows(database)
    const { HANDLE_PEPPER_FILE: _file, ...rest } = environment
    const [port = 0] = await freePorts(1)
    const forgetful = {
      ...rest,
      ISSUER: `http://localhost:${port}`,
      PORT: String(port),
      HANDLE_PEPPER: `3:${randomBytes(32).toString('base64')}`,
    }
    const ended = await runSekisho(forgetful, ['serve'])
    expect(ended).toMatchObject({ status: 78, stdout: '' })
    expect(ended.stderr).toMatch(/HANDLE_PEPPER: lacks version 2,/)
    expect(ended.stderr).not.toMatch(/\n {4}at /)
    expect(await countSubjectRows(database)).toEqual(before)
  })

  test('a value that comes from the environment is printed only when asked for', async () => {
    const { HANDLE_PEPPER_FILE: _file, ...rest } = environment
    const inEnvironment = { ...rest, HANDLE_PEPPER: `7:${randomBytes(32).toString('base64')}` }
    expect(await runSekisho(inEnvironment, ['pepper', 'rotate'])).toMatchObject({ status: 65, stdout: '' })
    const printed = await runSekisho(inEnvironment, ['pepper', 'rotate', '--print'])
    expect(printed.stdout).toMatch(/^7:[\w+/=]+,8:[\w+/=]+\n$/)
    // and the rows whose pepper is not configured are told of
    expect(await runSekisho(inEnvironment, ['pepper', 'status'])).toMatchObject({ status: 1 })
  })
})
