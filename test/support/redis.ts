import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { freePort } from './free-port.ts'
import { createTempDirectory } from './temp-directory.ts'

const START_DEADLINE_MS = 15_000
const PORT_RACES = 5

export interface TestRedis extends AsyncDisposable {
  /** `redis://127.0.0.1:port` */
  readonly url: string
  readonly port: number
  /** For attacks on storage: stopped and continued, or killed, by its own id. */
  readonly pid: number
  close(): Promise<void>
}

/** Where one was before, to come back as after a restart. */
export interface RedisPlace {
  readonly port: number
  /** Survives the server; with `--save` or `--appendonly` what it keeps does too. */
  readonly directory: string
}

/**
 * A private Redis on a free port and in a directory of its own, keeping nothing on disk.
 *
 * @param args further arguments of redis-server, such as `--maxmemory 10mb`
 * @throws Error with the server's last words when it does not start
 */
export async function startRedis(args: readonly string[] = [], place?: RedisPlace): Promise<TestRedis> {
  for (let attempt = 1; ; attempt++) {
    const started = await tryToStart(place?.port ?? (await freePort()), args, place?.directory)
    if (typeof started !== 'string') return started
    const portWasTaken = started.includes('Address already in use')
    if (!portWasTaken || place !== undefined || attempt === PORT_RACES)
      throw new Error(`redis-server did not start: ${started}`)
  }
}

async function tryToStart(port: number, args: readonly string[], kept?: string): Promise<TestRedis | string> {
  const directory = kept === undefined ? createTempDirectory('redis') : { path: kept, remove: () => Promise.resolve() }
  const own = [
    '--port',
    String(port),
    '--bind',
    '127.0.0.1',
    '--dir',
    directory.path,
    '--save',
    '',
    '--appendonly',
    'no',
  ]
  const child = spawnWithUs('redis-server', [...own, '--daemonize', 'no', ...args])
  const failure = await waitUntilReady(child)
  const close = async () => {
    await stop(child)
    await directory.remove()
  }
  if (failure !== undefined || child.pid === undefined) {
    await close()
    return failure ?? 'no process'
  }
  return { url: `redis://127.0.0.1:${String(port)}`, port, pid: child.pid, close, [Symbol.asyncDispose]: close }
}

/** A child that dies with this process even when this process is killed (Linux: PR_SET_PDEATHSIG). */
function spawnWithUs(command: string, args: readonly string[]): ChildProcess {
  const tied = existsSync('/usr/bin/setpriv')
  const line = tied ? ['/usr/bin/setpriv', '--pdeathsig', 'KILL', command, ...args] : [command, ...args]
  return spawn(line[0] as string, line.slice(1), { stdio: ['ignore', 'pipe', 'pipe'] })
}

/** @returns undefined when it takes connections, otherwise what it said last */
function waitUntilReady(child: ChildProcess): Promise<string | undefined> {
  return new Promise((resolve) => {
    let said = ''
    const timer = setTimeout(() => {
      resolve(`silent for ${String(START_DEADLINE_MS)} ms; ${said}`)
    }, START_DEADLINE_MS)
    const settle = (failure: string | undefined) => {
      clearTimeout(timer)
      resolve(failure)
    }
    const listen = (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-2000)
      if (said.includes('Ready to accept connections')) settle(undefined)
    }
    child.stdout?.on('data', listen)
    child.stderr?.on('data', listen)
    child.once('error', (error) => {
      settle(error.message)
    })
    child.once('close', () => {
      settle(said === '' ? 'it ended without a word' : said)
    })
  })
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  // nothing is kept, so nothing needs an orderly end; SIGKILL also ends a stopped process
  child.kill('SIGKILL')
  await ended
}
