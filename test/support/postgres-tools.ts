/** PostgreSQL's own tools, and servers of our own that may be stopped, copied and recovered. */
import { execFile, execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, chownSync, globSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'
import { freePort } from './free-port.ts'
import { pollUntil } from './poll-until.ts'
import { createTempDirectory } from './temp-directory.ts'

const run = promisify(execFile)

/** `pg_dump` in the custom format. */
export async function dumpDatabase(databaseUrl: string, file: string): Promise<void> {
  await run(tool('pg_dump'), ['--format=custom', '--file', file, '--dbname', databaseUrl])
}

export async function restoreDatabase(
  databaseUrl: string,
  file: string,
  options: readonly string[] = [],
): Promise<void> {
  await run(tool('pg_restore'), ['--no-owner', '--exit-on-error', ...options, '--dbname', databaseUrl, file])
}

/** A server that archives its log, as one in production does. */
export interface ArchivingServer {
  readonly databaseUrl: string
  /** A copy of its files while it runs; more is written to the archive afterwards. */
  baseBackup(): Promise<void>
  /** Everything that was committed is in the archive. */
  archiveAll(): Promise<void>
  /** Ends without a word to anybody: the machine is gone. */
  crash(): Promise<void>
  /** From the base backup and the archive, on another port. @returns its address */
  recover(): Promise<string>
  remove(): Promise<void>
}

export async function startArchivingServer(): Promise<ArchivingServer> {
  const directory = createTempDirectory('archiving-postgres')
  const user = process.getuid?.() === 0 ? ownerOfPostgres() : undefined
  const own = (path: string): string => {
    mkdirSync(path, { mode: 0o700 })
    if (user !== undefined) chownSync(path, user.uid, user.gid)
    return path
  }
  if (user !== undefined) chownSync(directory.path, user.uid, user.gid)
  const options = {
    cwd: directory.path,
    stdio: 'ignore',
    env: { PATH: process.env['PATH'], LC_ALL: 'C' },
    ...user,
  } as const
  const archive = own(join(directory.path, 'archive'))
  const base = own(join(directory.path, 'base'))
  const data = own(join(directory.path, 'data'))
  execFileSync(
    tool('initdb'),
    ['-D', data, '-U', 'postgres', '--auth=trust', '--no-sync', '--no-locale', '-E', 'UTF8'],
    options,
  )
  const servers: ChildProcess[] = []
  const start = async (files: string): Promise<{ server: ChildProcess; url: string }> => {
    const port = await freePort()
    const settings = {
      listen_addresses: '127.0.0.1',
      port,
      unix_socket_directories: directory.path,
      fsync: 'off',
      wal_level: 'replica',
      max_wal_senders: '2',
      archive_mode: 'on',
      archive_command: `cp %p ${archive}/%f`,
      shared_buffers: '32MB',
    }
    const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
    const server = spawn(tool('postgres'), ['-D', files, ...args], options)
    servers.push(server)
    const url = `postgres://postgres@127.0.0.1:${port}/postgres`
    await pollUntil(() => takesWrites(url, server), {
      deadlineMs: 30_000,
      complaint: 'PostgreSQL does not take writes',
    })
    return { server, url }
  }
  const { server, url } = await start(data)
  const crash = async (one: ChildProcess): Promise<void> => {
    if (one.exitCode !== null || one.signalCode !== null) return
    // SIGQUIT: at once, with neither a checkpoint nor the last piece of the log into the archive
    one.kill('SIGQUIT')
    await once(one, 'exit')
  }

  return {
    databaseUrl: url,
    baseBackup: async () => {
      const { hostname, port } = new URL(url)
      const args = ['-h', hostname, '-p', port, '-U', 'postgres', '-D', base, '--checkpoint=fast', '--no-sync']
      await run(tool('pg_basebackup'), args, { env: options.env, ...user })
    },
    archiveAll: async () => {
      const client = new pg.Client(url)
      await client.connect()
      const { rows } = await client.query<{ name: string }>('SELECT pg_walfile_name(pg_switch_wal()) AS name')
      const name = rows[0]?.name ?? ''
      await pollUntil(
        async () => {
          const { rows: archived } = await client.query<{ done: boolean }>(
            'SELECT last_archived_wal >= $1 AS done FROM pg_stat_archiver',
            [name],
          )
          return archived[0]?.done === true
        },
        { deadlineMs: 30_000, complaint: 'the archive does not get the log' },
      )
      await client.end()
    },
    crash: () => crash(server),
    recover: async () => {
      appendFileSync(join(base, 'postgresql.auto.conf'), `restore_command = 'cp ${archive}/%f %p'\n`)
      appendFileSync(join(base, 'recovery.signal'), '')
      if (user !== undefined) chownSync(join(base, 'recovery.signal'), user.uid, user.gid)
      return (await start(base)).url
    },
    remove: async () => {
      for (const one of servers) await crash(one)
      await directory.remove()
    },
  }
}

async function takesWrites(url: string, server: ChildProcess): Promise<boolean> {
  if (server.exitCode !== null) throw new Error(`PostgreSQL ended with status ${server.exitCode}`)
  const client = new pg.Client(url)
  try {
    await client.connect()
    const { rows } = await client.query<{ in_recovery: boolean }>('SELECT pg_is_in_recovery() AS in_recovery')
    return rows[0]?.in_recovery === false
  } catch {
    return false
  } finally {
    await client.end().catch(() => undefined)
  }
}

function tool(name: string): string {
  const [found] = globSync(`/usr/lib/postgresql/*/bin/${name}`).toSorted().toReversed()
  if (found === undefined) throw new Error(`${name} is not installed (Debian package postgresql)`)
  return found
}

function ownerOfPostgres(): { uid: number; gid: number } {
  const id = (flag: string): number => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }))
  return { uid: id('-u'), gid: id('-g') }
}
