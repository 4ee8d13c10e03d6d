/**
 * A real PostgreSQL for tests: one private server per test run, started by whichever test file needs it first, a fresh
 * database for each caller. `postgres-supervisor.ts` stops it when the test run's process is gone, however that ended.
 */
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { pollUntil } from './poll-until.ts'
import { isAlive, readyFileOf, type ReadyServer } from './postgres-supervisor.ts'

const SUPERVISOR = fileURLToPath(new URL('./postgres-supervisor.ts', import.meta.url))
const START_DEADLINE_MS = 60_000

export interface PostgresDatabase {
  readonly databaseUrl: string
  drop(): Promise<void>
}

/** Another database to copy, instead of an empty one. */
export interface DatabaseTemplate {
  readonly name: string
  /** Makes it on this server where it is not there; several callers may ask at once. @param urlOf the address of a database there */
  make(urlOf: (database: string) => string): Promise<void>
}

/**
 * @param owner the process with which the server ends; test files run in child processes of the test runner, whose pid names the run
 * @throws Error when PostgreSQL is not installed or does not start
 */
export async function createPostgresDatabase(
  owner = process.ppid,
  template?: DatabaseTemplate,
): Promise<PostgresDatabase> {
  const { port } = await sharedServer(owner)
  const name = `test_${randomBytes(8).toString('hex')}`
  const urlOf = (database: string): string => `postgres://postgres@127.0.0.1:${port}/${database}`
  await template?.make(urlOf)
  await runOnce(urlOf('postgres'), `CREATE DATABASE ${name} TEMPLATE ${template?.name ?? 'template1'}`)
  return {
    databaseUrl: urlOf(name),
    // A pool says it has ended before its connections have: PostgreSQL itself waits 5 s for them, and one that is cut off
    // meanwhile would fail the run from outside any test.
    drop: () =>
      runOnce(urlOf('postgres'), `DROP DATABASE ${name}`).catch(() =>
        runOnce(urlOf('postgres'), `DROP DATABASE ${name} WITH (FORCE)`),
      ),
  }
}

async function runOnce(databaseUrl: string, statement: string): Promise<void> {
  const client = new pg.Client(databaseUrl)
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}

async function sharedServer(owner: number): Promise<ReadyServer> {
  const directory = join(tmpdir(), `sekisho-test-postgres-${owner}`)
  const ready = await pollUntil(
    () => {
      if (makeDirectory(directory)) {
        spawn(process.execPath, [SUPERVISOR, directory, String(owner)], { detached: true, stdio: 'ignore' }).unref()
      }
      const found = readReady(directory)
      if (found === undefined || isAlive(found.supervisor)) return found
      // left behind by an earlier run that had the same pid
      rmSync(directory, { recursive: true, force: true })
      return undefined
    },
    { deadlineMs: START_DEADLINE_MS, complaint: 'PostgreSQL for tests did not start' },
  )
  if (ready.failure !== undefined) throw new Error(`PostgreSQL for tests: ${ready.failure}`)
  return ready
}

/** @returns true for exactly one caller */
function makeDirectory(directory: string): boolean {
  if (existsSync(directory)) return false
  try {
    mkdirSync(directory, { mode: 0o755 })
    return true
  } catch {
    return false
  }
}

function readReady(directory: string): ReadyServer | undefined {
  try {
    return JSON.parse(readFileSync(readyFileOf(directory), 'utf8')) as ReadyServer
  } catch {
    return undefined
  }
}
