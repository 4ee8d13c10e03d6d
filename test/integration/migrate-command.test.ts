import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runner } from 'node-pg-migrate'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { pollUntil } from '../support/poll-until.ts'
import { createPostgresDatabase, type PostgresDatabase } from '../support/postgres.ts'
import { sekishoAt } from '../support/sekisho-at.ts'
import { createTempDirectory, type TempDirectory } from '../support/temp-directory.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const sekisho = sekishoAt(ROOT)

let postgres: PostgresDatabase
let database: pg.Pool
let directory: TempDirectory
let environment: Record<string, string>

beforeEach(async () => {
  postgres = await createPostgresDatabase()
  database = new pg.Pool({ connectionString: postgres.databaseUrl, max: 3 })
  directory = createTempDirectory('migrate')
  environment = {
    DATABASE_URL: postgres.databaseUrl,
    COOKIE_KEYS: 'c'.repeat(43),
    HANDLE_PEPPER: `1:${Buffer.alloc(32, 1).toString('base64')}`,
    KEY_ENCRYPTION_KEY: Buffer.alloc(32, 2).toString('base64'),
    REVOCATION_SOURCES: 'none',
    LOG_LEVEL: 'silent',
  }
})
afterEach(async () => {
  await database.end()
  await postgres.drop()
  await directory.remove()
})

/** This program with other migrations: what another release would be. */
function releaseWith(name: string, change: (migrations: string) => void): ReturnType<typeof sekishoAt> {
  const root = join(directory.path, name)
  mkdirSync(root)
  for (const entry of readdirSync(ROOT)) {
    // programs are copied, since a link is followed to where it comes from, and so to the migrations there
    if (['bin', 'src', 'migrations'].includes(entry)) cpSync(join(ROOT, entry), join(root, entry), { recursive: true })
    else if (!entry.startsWith('.')) symlinkSync(join(ROOT, entry), join(root, entry))
  }
  change(join(root, 'migrations'))
  return sekishoAt(root)
}

/** The release after a release: its migrations are closed, and one more is there. */
function addRelease(migrations: string, number: number): void {
  const releases = JSON.parse(readFileSync(join(migrations, 'releases.json'), 'utf8')) as {
    migrations: Record<string, string>
  }[]
  const closed = new Set(releases.flatMap((release) => Object.keys(release.migrations)))
  const open = readdirSync(migrations).filter((file) => file.endsWith('.sql') && !closed.has(file.slice(0, -4)))
  releases.push({
    commit: '0'.repeat(40),
    migrations: Object.fromEntries(
      open.map((file) => [file.slice(0, -4), sha256(readFileSync(join(migrations, file), 'utf8'))]),
    ),
    reversible: [],
  } as (typeof releases)[number])
  writeFileSync(join(migrations, 'releases.json'), JSON.stringify(releases))
  writeFileSync(
    join(migrations, `${number}_later.sql`),
    `-- Up Migration\nCREATE TABLE later_${number} ();\n-- Down Migration\n-- Reversible: it is empty\nDROP TABLE later_${number};\n`,
  )
}

describe('sekisho migrate', () => {
  test('up, status and down, each with its exit status', async () => {
    expect((await sekisho.run(environment, ['migrate', '--help'])).stdout).toContain('Exit status')
    const empty = await sekisho.run(environment, ['migrate', 'status'])
    expect(empty).toMatchObject({ status: 1, stderr: '' })
    expect(empty.stdout).toMatch(/^pending {2}0001_initial$/m)
    expect(await sekisho.run(environment, ['migrate', 'up'])).toMatchObject({ status: 0, stderr: '' })
    const applied = await sekisho.run(environment, ['migrate', 'status'])
    expect(applied).toMatchObject({ status: 0, stdout: expect.stringMatching(/^applied {2}0001_initial$/m) as string })
    expect(applied.stdout).not.toContain('pending')
    expect((await sekisho.run(environment, ['migrate', 'up'])).stdout).toBe('nothing to do\n')

    const down = await sekisho.run(environment, ['migrate', 'down', '--count', '9'])
    expect(down).toMatchObject({ status: 65, stdout: '' })
    expect(down.stderr).toMatch(/^SERVER_SCHEMA_IRREVERSIBLE: /)
    expect((await sekisho.run(environment, ['migrate', 'status'])).status).toBe(0)
  })

  test('without an answer from the database the status is 69', async () => {
    const nowhere = { ...environment, DATABASE_URL: 'postgres://postgres@127.0.0.1:1/none' }
    expect(await sekisho.run(nowhere, ['migrate', 'status'])).toMatchObject({ status: 69, stdout: '' })
  })
})

describe('attack 43: releases that do not fit their database refuse, loudly, and change nothing', () => {
  test('one apart is worked on, two apart is not, in both directions', async () => {
    const next = releaseWith('next', (migrations) => {
      addRelease(migrations, 9001)
    })
    const afterNext = releaseWith('after-next', (migrations) => {
      addRelease(migrations, 9001)
      addRelease(migrations, 9002)
    })
    await sekisho.run(environment, ['migrate', 'up'])

    const skipping = await afterNext.run(environment, ['migrate', 'up'])
    expect(skipping).toMatchObject({ status: 65, stdout: '' })
    expect(skipping.stderr).toMatch(/^SERVER_SCHEMA_SKIPPED: /)

    expect((await next.run(environment, ['migrate', 'up'])).stdout).toBe('applied  9001_later\n')
    const older = await sekisho.run(environment, ['migrate', 'status'])
    expect(older).toMatchObject({ status: 0 })
    expect(older.stdout).toContain('unknown  9001_later (of a newer release)')

    expect((await afterNext.run(environment, ['migrate', 'up'])).stdout).toBe('applied  9002_later\n')
    const tooOld = await sekisho.run(environment, ['migrate', 'up'])
    expect(tooOld).toMatchObject({ status: 65, stdout: '' })
    expect(tooOld.stderr).toMatch(/^SERVER_SCHEMA_TOO_NEW: /)
    expect((await sekisho.run({ ...environment, PORT: '1' }, ['serve'])).stderr).toContain('SERVER_SCHEMA_TOO_NEW')

    // what a migration declares harmless to take back is taken back
    expect((await afterNext.run(environment, ['migrate', 'down'])).stdout).toBe('taken back  9002_later\n')
  }, 120_000)

  test('--skip-releases takes several at once, but never beside a server', async () => {
    const afterNext = releaseWith('after-next', (migrations) => {
      addRelease(migrations, 9001)
      addRelease(migrations, 9002)
    })
    await sekisho.run(environment, ['migrate', 'up'])
    const server = new pg.Client({ connectionString: postgres.databaseUrl, application_name: 'sekisho changes' })
    await server.connect()
    expect(await afterNext.run(environment, ['migrate', 'up', '--skip-releases'])).toMatchObject({
      status: 65,
      stderr: expect.stringContaining('1 servers are connected') as string,
    })
    await server.end()
    const done = await afterNext.run(environment, ['migrate', 'up', '--skip-releases'])
    expect(done).toMatchObject({ status: 0, stdout: 'applied  9001_later\napplied  9002_later\n' })
  })

  test('a file that was changed after it was applied', async () => {
    const edited = releaseWith('edited', (migrations) => {
      const file = readdirSync(migrations).findLast((name) => name.endsWith('.sql')) ?? ''
      writeFileSync(join(migrations, file), `${readFileSync(join(migrations, file), 'utf8')}\n-- another word\n`)
    })
    await sekisho.run(environment, ['migrate', 'up'])
    const { status, stderr } = await edited.run(environment, ['migrate', 'up'])
    expect(status).toBe(65)
    expect(stderr).toMatch(/^SERVER_SCHEMA_MISMATCH: .* was changed after it was applied/)
  })

  test('MIGRATE_AT_START=0: a server waits for the operator', async () => {
    const { status, stderr } = await sekisho.run({ ...environment, MIGRATE_AT_START: '0', PORT: '1' }, ['serve'])
    expect(status).toBe(69)
    expect(stderr).toMatch(/^SERVER_SCHEMA_OUTDATED: 0001_initial, .*run “sekisho migrate up”/)
    const { rows } = await database.query("SELECT 1 FROM pg_tables WHERE schemaname = 'public'")
    expect(rows).toEqual([])
  })
})

describe('attack 43: killed in the middle of a migration', () => {
  test('nothing is half done, and the next start finishes it', async () => {
    const client = await database.connect()
    await runner({
      dbClient: client,
      dir: join(ROOT, 'migrations'),
      ignorePattern: '(?!.*\\.sql$).*',
      migrationsTable: 'schema_migrations',
      direction: 'up',
      count: 3,
      log: () => undefined,
    })
    client.release()
    await database.query(
      `INSERT INTO clients (client_id, registration, created_at, updated_at) VALUES ('kept', '{}', now(), now())`,
    )

    // somebody makes a table that migration 0006 makes: it waits there, with what 0004 and 0005 change already changed
    const rival = await database.connect()
    await rival.query('BEGIN; CREATE TABLE registration_tokens ()')
    // so old a schema is releases back by now
    const up = ['migrate', 'up', '--skip-releases']
    const child = sekisho.start(environment, up)
    const ended = once(child, 'exit')
    const isWaiting = async (): Promise<boolean> => {
      const { rows } = await database.query(
        `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'sekisho 2'
           AND wait_event = 'transactionid'`,
      )
      return rows.length > 0
    }
    await pollUntil(isWaiting, { deadlineMs: 30_000, complaint: 'the migration does not get as far as that' })
    const changing = await database.query(
      `SELECT 1 FROM pg_locks WHERE relation = 'clients'::regclass AND mode = 'AccessExclusiveLock' AND granted`,
    )
    expect(changing.rowCount).toBe(1)
    child.kill('SIGKILL')
    await ended
    await rival.query('ROLLBACK')
    rival.release()

    // nobody is left who would go on
    await pollUntil(
      async () =>
        (
          await database.query(
            `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'sekisho 2'`,
          )
        ).rowCount === 0,
      { deadlineMs: 30_000, complaint: 'the killed migration is still there' },
    )
    const { rows: columns } = await database.query(
      `SELECT 1 FROM information_schema.columns WHERE table_name = 'clients' AND column_name = 'secrets'`,
    )
    expect(columns).toEqual([])
    const { rows: applied } = await database.query<{ name: string }>('SELECT name FROM schema_migrations ORDER BY id')
    expect(applied.map(({ name }) => name)).toEqual(['0001_initial', '0002_account_pages', '0003_subject_graph'])

    expect(await sekisho.run(environment, up)).toMatchObject({ status: 0, stderr: '' })
    expect((await sekisho.run(environment, ['migrate', 'status'])).status).toBe(0)
    expect((await database.query(`SELECT secrets FROM clients WHERE client_id = 'kept'`)).rows).toEqual([
      { secrets: [] },
    ])
  })
})

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
