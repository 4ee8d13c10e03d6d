import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { MisbehaviourScript, VirtualCardOptions } from '@sekisho/virtual-card'
import { VPCD_PORT } from '@sekisho/virtual-card'
import { startCardHost, type AttachedCard } from './pcscd-attach-card.ts'
import { pollUntil } from './poll-until.ts'

export type { AttachedCard } from './pcscd-attach-card.ts'

/** Result of a command that ran to its end. */
export interface CommandResult {
  readonly status: number
  readonly stdout: string
  readonly stderr: string
}

/** A pcscd of our own, with two virtual readers, that nothing outside its namespaces can reach except through `environment`. */
export interface PrivatePcscd {
  /** Process id of pcscd, while it runs. */
  readonly pid: number | undefined
  /** Names of the readers by slot. */
  readonly readers: readonly [string, string]
  /**
   * For PC/SC clients in the test's own namespaces (the test process itself, an agent on loopback): libpcsclite finds the
   * private socket by this variable. Set it before the first PC/SC call of the process.
   */
  readonly environment: { readonly PCSCLITE_CSOCK_NAME: string }
  /** The same command wrapped to run inside the namespaces, for `spawn(file, args)`. */
  wrap(command: readonly [string, ...string[]]): { file: string; args: string[] }
  /** Runs a command inside the namespaces to its end. Never rejects for an exit status. */
  run(
    command: readonly [string, ...string[]],
    options?: { input?: string | Uint8Array; timeoutMs?: number; env?: NodeJS.ProcessEnv },
  ): Promise<CommandResult>
  /** Puts a virtual card into reader 0 or 1; resolves when pcscd has seen it. Several cards may take turns in a reader. */
  attachCard(card: VirtualCardOptions, options?: { slot?: 0 | 1; script?: MisbehaviourScript }): Promise<AttachedCard>
  /** Kills pcscd and waits for its end. Cards drop out of their readers. Default SIGKILL. */
  kill(signal?: NodeJS.Signals): Promise<void>
  /** Starts pcscd again after `kill`, in the same namespaces, on the same socket. Cards come back with their `insert()`. */
  restart(): Promise<void>
  /** Ends everything and removes the directory. */
  stop(): Promise<void>
}

const DRIVER = '/usr/lib/pcsc/drivers/serial/libifdvpcd.so'
const TOOLS = {
  pcscd: ['/usr/sbin/pcscd', 'pcscd'],
  unshare: ['/usr/bin/unshare', 'util-linux'],
  nsenter: ['/usr/bin/nsenter', 'util-linux'],
  setpriv: ['/usr/bin/setpriv', 'util-linux'],
  ip: ['/usr/sbin/ip', 'iproute2'],
  vpcd: [DRIVER, 'vsmartcard-vpcd'],
} as const
const READER_CONFIGURATION = [
  'FRIENDLYNAME "Virtual PCD"',
  `DEVICENAME /dev/null:${String(VPCD_PORT)}`,
  `LIBPATH ${DRIVER}`,
  `CHANNELID ${String(VPCD_PORT)}`,
  '',
].join('\n')
const NAMESPACE_SCRIPT = join(import.meta.dirname, 'pcscd-namespaces.sh')
const OUTPUT_KEPT = 4000

/**
 * Why no private pcscd can be started on this machine; `undefined` when nothing speaks against it.
 * Names the missing programs with the Debian packages that hold them.
 */
export function whyNoPcscd(): string | undefined {
  if (process.platform !== 'linux') return 'a private pcscd needs Linux namespaces'
  if (process.getuid?.() !== 0) return 'a private pcscd needs root (unshare of the network and mount namespaces)'
  const missing = Object.values(TOOLS).filter(([path]) => !existsSync(path))
  if (missing.length === 0) return undefined
  const packages = [...new Set(missing.map(([, packageName]) => packageName))]
  return `missing ${missing.map(([path]) => path).join(', ')}: apt-get install ${packages.join(' ')}`
}

/**
 * Starts pcscd with the virtual reader driver vpcd in network and mount namespaces of its own: vpcd listens on every
 * interface, so it gets interfaces nobody else has.
 *
 * Nothing outlives the test process: the processes started here get SIGKILL when their parent dies (PR_SET_PDEATHSIG); the
 * one that holds the namespaces ends when its standard input closes, and removes the directory.
 *
 * @throws Error naming what is missing ({@link whyNoPcscd}), or with pcscd's own words when it does not come up
 */
export async function startPcscd(): Promise<PrivatePcscd> {
  const obstacle = whyNoPcscd()
  if (obstacle !== undefined) throw new Error(`no private pcscd: ${obstacle}`)

  // The path of a Unix socket has at most 107 characters: keep it short.
  const directory = await mkdtemp(join(tmpdir(), 'pcscd-'))
  const runDirectory = join(directory, 'run')
  const configuration = join(directory, 'conf')
  const socketPath = join(runDirectory, 'pcscd.comm')
  await mkdir(runDirectory)
  await mkdir(configuration)
  await writeFile(join(configuration, 'vpcd'), READER_CONFIGURATION)
  const holder = spawn(
    TOOLS.unshare[0],
    ['--net', '--mount', '--propagation', 'private', '--', '/bin/sh', NAMESPACE_SCRIPT, directory],
    { stdio: ['pipe', 'pipe', 'pipe'] },
  )
  const cards = new Set<AttachedCard>()
  let daemon: ChildProcess | undefined

  function wrap([file, ...args]: readonly [string, ...string[]]) {
    return { file: TOOLS.nsenter[0], args: ['-t', String(holder.pid), '-n', '-m', '--', file, ...args] }
  }

  async function startDaemon(): Promise<void> {
    // After SIGKILL both are left behind, and pcscd would refuse to start.
    await rm(socketPath, { force: true })
    await rm(join(runDirectory, 'pcscd.pid'), { force: true })
    const { file, args } = wrap([TOOLS.setpriv[0], '--pdeathsig', 'SIGKILL', '--', TOOLS.pcscd[0]])
    const child = spawn(file, [...args, '--foreground', '--config', configuration], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const words = keepOutput(child)
    daemon = child
    await pollUntil(
      () => {
        if (hasEnded(child)) throw new Error(`pcscd ended at once: ${words()}`)
        return accepts(socketPath)
      },
      { complaint: () => `pcscd did not come up: ${words()}` },
    )
  }

  async function stop(): Promise<void> {
    await end(daemon)
    await Promise.all([...cards].map((card) => card.close()))
    holder.stdin.end()
    await ending(holder)
    await rm(directory, { recursive: true, force: true })
  }

  try {
    await waitForReadyLine(holder)
    await startDaemon()
  } catch (error) {
    await stop()
    throw error
  }

  return {
    get pid() {
      return daemon && !hasEnded(daemon) ? daemon.pid : undefined
    },
    readers: ['Virtual PCD 00 00', 'Virtual PCD 00 01'],
    environment: { PCSCLITE_CSOCK_NAME: socketPath },
    wrap,
    run(command, options = {}) {
      const { file, args } = wrap(command)
      return new Promise((resolve) => {
        const child = execFile(
          file,
          args,
          { timeout: options.timeoutMs ?? 30_000, killSignal: 'SIGKILL', env: { ...process.env, ...options.env } },
          (_error, stdout, stderr) => {
            resolve({ status: child.exitCode ?? -1, stdout, stderr })
          },
        )
        child.stdin?.on('error', () => undefined) // a command need not read its input
        child.stdin?.end(options.input)
      })
    },
    async attachCard(card, { slot = 0, script = {} } = {}) {
      const { file, args } = wrap([TOOLS.setpriv[0], '--pdeathsig', 'SIGKILL', '--', process.execPath])
      const attached = await startCardHost({ file, args, port: VPCD_PORT + slot, card, script })
      cards.add(attached)
      return attached
    },
    async kill(signal = 'SIGKILL') {
      await end(daemon, signal)
    },
    async restart() {
      if (daemon && !hasEnded(daemon)) throw new Error('pcscd is still running')
      await startDaemon()
    },
    stop,
  }
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null || child.pid === undefined
}

async function end(child: ChildProcess | undefined, signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
  child?.kill(signal)
  if (child) await ending(child)
}

function ending(child: ChildProcess): Promise<void> {
  if (hasEnded(child)) return Promise.resolve()
  return new Promise((resolve) => {
    child.once('exit', () => {
      resolve()
    })
  })
}

function keepOutput(child: ChildProcess): () => string {
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (bytes: Buffer) => {
      output = (output + bytes.toString()).slice(-OUTPUT_KEPT)
    })
  }
  return () => output.trim()
}

function waitForReadyLine(child: ChildProcess): Promise<void> {
  const words = keepOutput(child)
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', () => {
      reject(new Error(`no namespaces for a private pcscd: ${words()}`))
    })
    child.stdout?.on('data', () => {
      if (words().includes('ready')) resolve()
    })
  })
}

function accepts(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(socketPath)
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => {
      resolve(false)
    })
  })
}
