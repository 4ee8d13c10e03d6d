/**
 * `node postgres-supervisor.ts DIRECTORY OWNER_PID`: runs PostgreSQL in the directory until the owner is gone, then removes it.
 * A process of its own, because a test runner that is killed cannot tidy up.
 */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, globSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import pg from 'pg'
import { pollUntil } from './poll-until.ts'

export interface ReadyServer {
  readonly port: number
  /** Its pid. */
  readonly supervisor: number
  /** Why there is no server. */
  readonly failure?: string
}

export function readyFileOf(directory: string): string {
  return join(directory, 'ready.json')
}

/** Nothing in a test run outlives it, so nothing needs to reach the disk. */
const SETTINGS = {
  listen_addresses: '127.0.0.1',
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  wal_level: 'minimal',
  max_wal_senders: '0',
  max_connections: '200',
  shared_buffers: '64MB',
}

const START_DEADLINE_MS = 30_000
const OWNER_POLL_MS = 200

if (import.meta.main) {
  const [, , directory = '', owner = ''] = process.argv
  await supervise(directory, Number.parseInt(owner, 10))
}

async function supervise(directory: string, owner: number): Promise<void> {
  let server: ChildProcess | undefined
  try {
    const { binaries, user } = findPostgres()
    const data = join(directory, 'data')
    mkdirSync(data, { mode: 0o700 })
    if (user !== undefined) chownSync(data, user.uid, user.gid)
    const options = { cwd: data, stdio: 'ignore', env: { PATH: process.env.PATH, LC_ALL: 'C' }, ...user } as const
    execFileSync(
      join(binaries, 'initdb'),
      ['-D', data, '-U', 'postgres', '--auth=trust', '--no-sync', '--no-locale', '-E', 'UTF8'],
      options,
    )
    const port = await freePort()
    const settings = Object.entries({ ...SETTINGS, port, unix_socket_directories: data })
    server = spawn(
      join(binaries, 'postgres'),
      ['-D', data, ...settings.flatMap(([name, value]) => ['-c', `${name}=${value}`])],
      options,
    )
    await answers(port, server)
    writeReady(directory, { port, supervisor: process.pid })
  } catch (fault) {
    writeReady(directory, { port: 0, supervisor: process.pid, failure: String(fault) })
  }
  await pollUntil(() => !isAlive(owner), { deadlineMs: Number.POSITIVE_INFINITY, intervalMs: OWNER_POLL_MS })
  if (server?.exitCode === null && server.signalCode === null) {
    // immediate shutdown: its data is thrown away anyway
    server.kill('SIGQUIT')
    await once(server, 'exit')
  }
  rmSync(directory, { recursive: true, force: true })
}

/** PostgreSQL refuses to run as root; then it runs as the user that its package made. */
function findPostgres(): { binaries: string; user: { uid: number; gid: number } | undefined } {
  const [postgres] = globSync('/usr/lib/postgresql/*/bin/postgres').toSorted().toReversed()
  if (postgres === undefined) throw new Error('not installed (Debian package postgresql)')
  const binaries = join(postgres, '..')
  if (process.getuid?.() !== 0) return { binaries, user: undefined }
  const id = (flag: string): number => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }))
  return { binaries, user: { uid: id('-u'), gid: id('-g') } }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo
      probe.close(() => resolve(port))
    })
  })
}

async function answers(port: number, server: ChildProcess): Promise<void> {
  await pollUntil(
    async () => {
      if (server.exitCode !== null) throw new Error(`ended with status ${server.exitCode}`)
      const client = new pg.Client(`postgres://postgres@127.0.0.1:${port}/postgres`)
      try {
        await client.connect()
        await client.end()
        return true
      } catch {
        return false
      }
    },
    { deadlineMs: START_DEADLINE_MS, complaint: 'does not answer' },
  )
}

function writeReady(directory: string, ready: ReadyServer): void {
  const file = readyFileOf(directory)
  writeFileSync(`${file}.new`, JSON.stringify(ready))
  renameSync(`${file}.new`, file)
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
