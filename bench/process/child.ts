import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { once } from 'node:events'

/** A process of the bench. */
export interface Child {
  readonly pid: number
  /** What it has said last, on both streams. */
  said(): string
  hasEnded(): boolean
  /** SIGTERM, and after a while SIGKILL. */
  stop(): Promise<void>
}

export interface ChildOptions {
  readonly command: readonly [string, ...string[]]
  readonly env: Readonly<Record<string, string>>
  /** The only core it may run on, or several as taskset names them. */
  readonly core?: number | string | undefined
}

const STOP_MS = 8_000
const KEPT_CHARACTERS = 4_000

/** Starts it, tied to this process: killed with it where the system can do that. */
export function startChild({ command, env, core }: ChildOptions): Child {
  const tied = existsSync('/usr/bin/setpriv') ? ['/usr/bin/setpriv', '--pdeathsig', 'TERM'] : []
  const pinned = core === undefined ? [] : ['taskset', '--cpu-list', String(core)]
  const [file = '', ...args] = [...tied, ...pinned, ...command]
  const child = spawn(file, args, {
    // its own end of standard input closes when this process ends, however it ends
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'] ?? '', ...env },
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-KEPT_CHARACTERS)
    })
  }
  child.on('error', (fault) => {
    said += fault.message
  })
  const ended = once(child, 'close').catch(() => undefined)
  const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null || child.pid === undefined
  return {
    pid: child.pid ?? 0,
    said: () => said,
    hasEnded,
    stop: async () => {
      if (hasEnded()) return
      child.kill('SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS)
      await ended
      clearTimeout(timer)
    },
  }
}
