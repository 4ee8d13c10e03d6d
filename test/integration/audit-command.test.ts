import { randomBytes } from 'node:crypto'
import { appendFile, readFile, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createDataDirectory } from '../support/data-directory.ts'
import { createPostgresDatabase, type PostgresDatabase } from '../support/postgres.ts'
import { runSekisho, type Ended, type Environment } from '../support/run-sekisho.ts'

const SHOP = [
  '--name-ja',
  '見本の店',
  '--name-en',
  'Shop',
  '--owner',
  'Sales',
  '--redirect-uri',
  'https://shop.example/cb',
]

let postgres: PostgresDatabase
let database: pg.Pool
let environment: Environment
let directory: Awaited<ReturnType<typeof createDataDirectory>>

const sekisho = (...args: string[]): Promise<Ended> => runSekisho(environment, args)
const file = (name: string): string => join(directory.path, name)
const addClient = (id: string): Promise<Ended> => sekisho('client', 'add', '--id', id, ...SHOP)

beforeAll(async () => {
  postgres = await createPostgresDatabase()
  directory = await createDataDirectory()
  database = new pg.Pool({ connectionString: postgres.databaseUrl, max: 1 })
  environment = {
    ISSUER: 'http://localhost:3000',
    DATABASE_URL: postgres.databaseUrl,
    COOKIE_KEYS: randomBytes(32).toString('base64url'),
    HANDLE_PEPPER: `1:${randomBytes(32).toString('base64')}`,
    KEY_ENCRYPTION_KEY: randomBytes(32).toString('base64'),
    REVOCATION_SOURCES: 'none',
    LOG_LEVEL: 'silent',
  }
  expect(await sekisho('migrate', 'up')).toMatchObject({ status: 0 })
})
afterAll(async () => {
  await database.end()
  await postgres.drop()
  await directory.remove()
})

test('attack 42: sealed, exported, gone on with, checked offline; an edited line and a cut end are named', async () => {
  await addClient('one')
  expect(await sekisho('audit', 'verify')).toMatchObject({
    status: 0,
    stdout: expect.stringContaining('1 events are not sealed yet') as string,
  })
  expect(await sekisho('audit', 'seal')).toMatchObject({ status: 0, stdout: '1 sealed\n' })

  const exported = file('audit.jsonl')
  expect(await sekisho('audit', 'export', '--output', exported)).toMatchObject({ status: 0 })
  expect(await sekisho('audit', 'export', '--output', exported)).toMatchObject({
    status: 73,
    stderr: expect.stringContaining('--resume') as string,
  })
  const first = await readFile(exported, 'utf8')

  // killed in the middle of a line
  await truncate(exported, Buffer.byteLength(first) - 7)
  await addClient('two')
  await sekisho('audit', 'seal')
  expect(await sekisho('audit', 'export', '--output', exported, '--resume')).toMatchObject({ status: 0 })
  const whole = await readFile(exported, 'utf8')
  expect((await sekisho('audit', 'export')).stdout).toBe(whole)

  // no database and no configuration is needed for a file
  const offline = (...args: string[]): Promise<Ended> => runSekisho({}, ['audit', 'verify', '--file', ...args])
  const verified = await offline(exported)
  expect(verified).toMatchObject({ status: 0, stdout: expect.stringContaining('2 events, 2 seals') as string })
  expect(verified.stderr).toContain('--keys')
  const [head = ''] = /[12]:[\w-]{43}/.exec(verified.stdout) ?? []

  await writeFile(file('edited.jsonl'), whole.replace('"clientId":"one"', '"clientId":"eno"'))
  expect(await offline(file('edited.jsonl'))).toMatchObject({
    status: 1,
    stdout: expect.stringMatching(/event 1: is not what was sealed[^]*THE LOG WAS CHANGED/) as string,
  })
  await writeFile(file('cut.jsonl'), first)
  expect(await offline(file('cut.jsonl'))).toMatchObject({ status: 0 })
  expect(await offline(file('cut.jsonl'), '--expect-head', head)).toMatchObject({
    status: 1,
    stdout: expect.stringContaining('seal 2: is not the one that was expected') as string,
  })
  await appendFile(file('cut.jsonl'), 'not a line\n')
  expect(await offline(file('cut.jsonl'))).toMatchObject({
    status: 65,
    stderr: expect.stringContaining('is not a line of an audit export') as string,
  })

  // a stranger's keys do not vouch for it
  await writeFile(file('keys.json'), JSON.stringify({ keys: [] }))
  expect(await offline(exported, '--keys', file('keys.json'))).toMatchObject({ status: 1 })
})

test('attack 42: what somebody with every right changed in the database is named', async () => {
  await addClient('three')
  await sekisho('audit', 'seal')
  const newest = (await database.query<{ sequence: string }>('SELECT max(sequence) AS sequence FROM audit_events'))
    .rows[0]
  await database.query(`BEGIN; SET LOCAL session_replication_role = 'replica';
    UPDATE audit_events SET actor = 'person' WHERE sequence = ${newest?.sequence}; COMMIT`)
  const { status, stdout } = await sekisho('audit', 'verify', '--json')
  expect(status).toBe(1)
  expect(JSON.parse(stdout)).toMatchObject({ findings: [{ fault: 'event-edited', sequence: newest?.sequence }] })
})

test('records older than they must be kept leave a tombstone, and the export still verifies', async () => {
  await database.query(
    `INSERT INTO audit_events (at, type, actor) VALUES (now() - interval '3 years', 'account.created', 'person')`,
  )
  await sekisho('audit', 'seal')
  expect(await sekisho('audit', 'prune', '--keep-days', '365', '--reason', 'kept for a year')).toMatchObject({
    status: 0,
    stdout: '1 events taken out\n',
  })
  const exported = file('pruned.jsonl')
  await sekisho('audit', 'export', '--output', exported)
  const { stdout } = await runSekisho({}, ['audit', 'verify', '--file', exported, '--json'])
  expect(JSON.parse(stdout)).toMatchObject({ pruned: 1, unsealed: 0 })
  const csv = await sekisho('audit', 'export', '--format', 'csv')
  expect(csv.stdout.split('\n')[0]).toBe('sequence,at,type,actor,account_id,credential_id,client_id,details')
  expect(csv.stdout).toContain('"{""change"":""added""}"')
})
