import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { freePort } from '../test/support/free-port.ts'
import { pollUntil } from '../test/support/poll-until.ts'
import { createTempDirectory } from '../test/support/temp-directory.ts'

/** A PostgreSQL that keeps what it acknowledged, and that things are done to. */
export interface DurablePostgres {
  readonly port: number
  /** Past every cable. */
  readonly url: string
  /** SIGKILL to all of its processes, without a word. */
  kill(): Promise<void>
  /** On the same files and port. */
  start(): Promise<void>
  /** SIGSTOP, SIGCONT: to all of its processes. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void
  /** Takes every octet that is left on its disk. */
  fillDisk(): void
  freeDisk(): void
  remove(): Promise<void>
}

/** Room for its files, its log, and some minutes of load. */
const DISK = '400m'

export interface DurablePostgresOptions {
  /** On a disk of its own that can be filled without hurting anybody else; only root can make one. */
  readonly smallDisk: boolean
  /** Of postgresql.conf, beside or instead of those for a small disk. */
  readonly settings?: Readonly<Record<string, string>>
}

export async function startDurablePostgres({
  smallDisk,
  settings: more = {},
}: DurablePostgresOptions): Promise<DurablePostgres> {
  const directory = createTempDirectory('faults-postgres')
  const [binary] = globSync('/usr/lib/postgresql/*/bin/postgres').toSorted().toReversed()
  if (binary === undefined) throw new Error('PostgreSQL is not installed (Debian package postgresql)')
  const user = process.getuid?.() === 0 ? { uid: idOf('-u'), gid: idOf('-g') } : undefined
  const disk = join(directory.path, 'disk')
  mkdirSync(disk)
  if (smallDisk) execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK}`, 'tmpfs', disk])
  const data = join(disk, 'data')
  mkdirSync(data, { mode: 0o700 })
  if (user !== undefined) for (const path of [directory.path, disk, data]) chownSync(path, user.uid, user.gid)
  const options = { cwd: data, stdio: 'ignore', env: { PATH: process.env['PATH'], LC_ALL: 'C' }, ...user } as const
  execFileSync(
    join(binary, '../initdb'),
    ['-D', data, '-U', 'postgres', '--auth=trust', '--no-sync', '--no-locale', '-E', 'UTF8'],
    options,
  )
  const port = await freePort()
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`
  const settings = {
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: data,
    shared_buffers: '32MB',
    max_wal_size: '96MB',
    min_wal_size: '32MB',
    restart_after_crash: 'on',
    ...more,
  }
  let server: ChildProcess
  const start = async (): Promise<void> => {
    await pollUntil(
      async () => {
        server = spawn(
          binary,
          ['-D', data, ...Object.entries(settings).flatMap(([k, v]) => ['-c', `${k}=${v}`])],
          options,
        )
        // the processes of one that was killed may hold its memory for a moment longer
        return (await answers(url, server)) === 'yes'
      },
      { deadlineMs: 60_000, intervalMs: 200, complaint: 'PostgreSQL does not come back' },
    )
  }
  const kill = async (): Promise<void> => {
    const ended = server.exitCode === null && server.signalCode === null ? once(server, 'exit') : undefined
    for (const pid of familyOf(server.pid)) signalTo(pid, 'SIGKILL')
    await ended
  }
  await start()
  const filler = join(disk, 'filler')
  return {
    port,
    url,
    kill,
    start,
    signal: (signal) => {
      for (const pid of familyOf(server.pid)) signalTo(pid, signal)
    },
    fillDisk: () => {
      if (!smallDisk) throw new Error('that disk is not ours alone')
      try {
        for (let size = 0; ; size += 1) writeFileSync(filler, Buffer.alloc(1 << 20), { flag: 'a' })
      } catch (fault) {
        if ((fault as NodeJS.ErrnoException).code !== 'ENOSPC') throw fault
      }
    },
    freeDisk: () => {
      rmSync(filler, { force: true })
    },
    remove: async () => {
      await kill()
      if (smallDisk) execFileSync('umount', ['--lazy', disk])
      await directory.remove()
    },
  }
}

/** Whether it takes statements; `no` once it has ended instead. */
async function answers(url: string, server: ChildProcess): Promise<'yes' | 'no'> {
  return pollUntil(
    async () => {
      if (server.exitCode !== null || server.signalCode !== null) return 'no'
      const client = new pg.Client(url)
      client.on('error', () => undefined)
      try {
        await client.connect()
        await client.query('SELECT 1')
        return 'yes'
      } catch {
        return undefined
      } finally {
        await client.end().catch(() => undefined)
      }
    },
    { deadlineMs: 30_000, intervalMs: 50, complaint: 'PostgreSQL is silent' },
  )
}

/** A process and its children; each of PostgreSQL's is a group of its own. */
function familyOf(pid: number | undefined): readonly number[] {
  if (pid === undefined) return []
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')
    return [pid, ...children.filter((text) => text !== '').map(Number)]
  } catch {
    return []
  }
}

function signalTo(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // it has ended by itself
  }
}

function idOf(flag: string): number {
  return Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }))
}
