import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Refusal } from '../../src/error-registry/refusal.ts'
import type { Database } from '../../src/storage/database.ts'
import { DataDirectoryInUse } from '../../src/storage/lock-data-directory.ts'
import { migrateUp } from '../../src/storage/migrate.ts'
import { openDatabase } from '../../src/storage/open-database.ts'
import { createDataDirectory } from '../support/data-directory.ts'
import { DATABASES, type TestDatabase } from '../support/databases.ts'
import { createPostgresDatabase } from '../support/postgres.ts'
import { createTempDirectory, type TempDirectory } from '../support/temp-directory.ts'

const unavailable = expect.objectContaining({ code: 'SERVER_STORAGE_UNAVAILABLE' }) as Refusal

describe.each(DATABASES)('database on $name', ({ createDatabase }) => {
  let made: TestDatabase
  let database: Database

  beforeAll(async () => {
    made = await createDatabase()
    database = made.database
    await database.query('CREATE TABLE notes (id integer PRIMARY KEY, text text NOT NULL)')
  })
  afterAll(() => made.remove())
  beforeEach(async () => {
    await database.query('DELETE FROM notes')
  })

  const ids = async (): Promise<number[]> =>
    (await database.query<{ id: number }>('SELECT id FROM notes ORDER BY id')).rows.map(({ id }) => id)

  test('a transaction that throws leaves nothing behind', async () => {
    const failed = database.transaction(async (transaction) => {
      await transaction.query("INSERT INTO notes VALUES (1, 'half')")
      throw new TypeError('the other half failed')
    })
    await expect(failed).rejects.toThrow(TypeError)
    expect(await ids()).toEqual([])
  })

  test('a fault of a statement stays what it is', async () => {
    await expect(database.query('SELEKT 1')).rejects.toThrow(pg.DatabaseError)
    await database.query("INSERT INTO notes VALUES (1, 'one')")
    const twice = database.transaction((transaction) => transaction.query("INSERT INTO notes VALUES (1, 'two')"))
    await expect(twice).rejects.toMatchObject({ code: '23505' })
  })

  test.each(['SELECT $1::text', 'SELECT $1::jsonb'])(
    'a NUL that somebody sent is refused as theirs: %s',
    async (statement) => {
      const sent = statement.endsWith('jsonb') ? JSON.stringify({ state: 'a\0b' }) : 'a\0b'
      const refused = { code: 'CLIENT_REQUEST_INVALID' }
      await expect(database.query(statement, [sent])).rejects.toMatchObject(refused)
      await expect(database.transaction(({ query }) => query(statement, [sent]))).rejects.toMatchObject(refused)
    },
  )

  test('what a transaction wrote is there for all once it ends, and for nobody before', async () => {
    const seen: number[][] = []
    await Promise.all([
      database.transaction(async (transaction) => {
        await transaction.query("INSERT INTO notes VALUES (1, 'a')")
        await transaction.query("INSERT INTO notes VALUES (2, 'b')")
      }),
      ...Array.from({ length: 20 }, async () => seen.push(await ids())),
    ])
    for (const found of seen) expect([0, 2]).toContain(found.length)
    expect(await ids()).toEqual([1, 2])
  })

  test('many large statements at once each get their own answer', async () => {
    const large = 'x'.repeat(300_000)
    const answers = await Promise.all(
      Array.from({ length: 16 }, async (_, index) => {
        const { rows } = await database.query<{ answer: number }>(
          `SELECT length($1::text) * 100 + ${index} AS answer`,
          [large + 'y'.repeat(index)],
        )
        return rows[0]?.answer
      }),
    )
    expect(answers).toEqual(answers.map((_, index) => (300_000 + index) * 100 + index))
  })

  test('attack 41: a connection that is cut in the middle of a transaction rolls back, is refused, and the next one works', async () => {
    const cut = database.transaction(async (transaction) => {
      await transaction.query("INSERT INTO notes VALUES (1, 'never')")
      // what a broken network looks like from here
      for (const client of (database.pool as unknown as { _clients: pg.Client[] })._clients) {
        const { stream } = (client as unknown as { connection: { stream: NodeJS.EventEmitter & { destroy(): void } } })
          .connection
        const closed = once(stream, 'close')
        stream.destroy()
        await closed
      }
      await transaction.query("INSERT INTO notes VALUES (2, 'never')")
    })
    await expect(cut).rejects.toEqual(unavailable)
    expect(await ids()).toEqual([])
    await database.query("INSERT INTO notes VALUES (3, 'after')")
    expect(await ids()).toEqual([3])
  })

  test('a closed database refuses', async () => {
    const other = await createDatabase()
    await other.database.close()
    await expect(other.database.query('SELECT 1')).rejects.toEqual(unavailable)
    await expect(other.database.transaction(() => Promise.resolve())).rejects.toEqual(unavailable)
    await other.remove()
  })
})

describe('PostgreSQL', () => {
  test('attack 41: a server that is not there is refused, and the reason names no password', async () => {
    const database = await openDatabase({ databaseUrl: 'postgres://sekisho:the-password@127.0.0.1:1/sekisho' })
    const fault: unknown = await database.query('SELECT 1').catch((thrown: unknown) => thrown)
    await expect(migrateUp(database.pool)).rejects.toEqual(unavailable)
    await database.close()
    expect(fault).toEqual(unavailable)
    expect((fault as Refusal).detail).toBe('ECONNREFUSED')
  })

  test('a database that does not exist is refused', async () => {
    const { databaseUrl, drop } = await createPostgresDatabase()
    await drop()
    const database = await openDatabase({ databaseUrl })
    await expect(database.query('SELECT 1')).rejects.toEqual(unavailable)
    await database.close()
  })

  test('attack 41: a session that the server ends in the middle of a transaction is refused', async () => {
    const { databaseUrl, drop } = await createPostgresDatabase()
    const database = await openDatabase({ databaseUrl })
    const ended = database.transaction(async (transaction) => {
      const { rows } = await transaction.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
      await database.query('SELECT pg_terminate_backend($1)', [rows[0]?.pid])
      await transaction.query('SELECT 1')
    })
    await expect(ended).rejects.toEqual(unavailable)
    await expect(database.query('SELECT 1 AS one')).resolves.toMatchObject({ rows: [{ one: 1 }] })
    await database.close()
    await drop()
  })
})

describe('the embedded database', () => {
  let directory: TempDirectory
  const opened: Database[] = []
  const open = async (dataDirectory: string): Promise<Database> => {
    const database = await openDatabase({ dataDirectory })
    opened.push(database)
    return database
  }
  beforeEach(async () => {
    directory = await createDataDirectory()
  })
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((database) => database.close()))
    await directory.remove()
  })

  test('the first start makes the cluster in a directory of its owner, the second finds what the first wrote', async () => {
    const empty = createTempDirectory('first-start')
    const path = join(empty.path, 'data')
    const first = await open(path)
    expect(statSync(path).mode & 0o777).toBe(0o700)
    await first.query('CREATE TABLE kept AS SELECT 42 AS answer')
    await first.close()
    const second = await open(path)
    await expect(second.query('SELECT answer FROM kept')).resolves.toMatchObject({ rows: [{ answer: 42 }] })
    await second.close()
    await empty.remove()
  })

  test('a second one on the same directory is told who has it; once it is free, it opens', async () => {
    const first = await open(directory.path)
    await expect(open(directory.path)).rejects.toThrow(DataDirectoryInUse)
    await expect(open(directory.path)).rejects.toThrow(`is in use by process ${process.pid}`)
    await first.close()
    await expect((await open(directory.path)).query('SELECT 1 AS one')).resolves.toMatchObject({ rows: [{ one: 1 }] })
  })

  test('attack 40: another process is told so too; a killed one leaves no lock, and what it was told is written', async () => {
    const module = new URL('../../src/storage/open-database.ts', import.meta.url)
    const script = `import { openDatabase } from '${module.href}'
      const database = await openDatabase({ dataDirectory: process.argv[1] })
      await database.query('CREATE TABLE kept AS SELECT 42 AS answer')
      process.kill(process.pid, 'SIGKILL')`
    const start = () => promisify(execFile)(process.execPath, ['--input-type=module', '-e', script, directory.path])
    const first = await open(directory.path)
    await expect(start()).rejects.toMatchObject({ stderr: expect.stringContaining('DataDirectoryInUse') as string })
    await first.close()
    await expect(start()).rejects.toMatchObject({ signal: 'SIGKILL' })
    expect(existsSync(join(directory.path, '.s.PGSQL.5432'))).toBe(true)
    const again = await open(directory.path)
    await expect(again.query('SELECT answer FROM kept')).resolves.toMatchObject({ rows: [{ answer: 42 }] })
  })

  test('two at once: one opens, one is told', async () => {
    const outcomes = await Promise.allSettled([open(directory.path), open(directory.path)])
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
  })

  test('a path too long for a socket works all the same, and leaves nothing in the temporary directory', async () => {
    const path = join(directory.path, 'a-long-name-'.repeat(10))
    mkdirSync(path, { recursive: true, mode: 0o700 })
    const database = await open(path)
    const { host } = database.pool.options
    expect(statSync(host ?? '').mode & 0o777).toBe(0o700)
    await expect(database.query('SELECT 1 AS one')).resolves.toMatchObject({ rows: [{ one: 1 }] })
    await database.close()
    expect(existsSync(host ?? '')).toBe(false)
    rmSync(path, { recursive: true })
  })
})
