import { pollUntil } from '../../test/support/poll-until.ts'
import { startChild, type Child } from './child.ts'

const READY_MS = 60_000

export interface ServerOptions {
  readonly name: string
  readonly command: readonly [string, ...string[]]
  readonly env: Readonly<Record<string, string>>
  readonly core: number | string | undefined
  /** Answers 200 once it serves; or whatever else tells that it does. */
  readonly ready: string | (() => Promise<boolean>)
  /** Of the question whether it is ready. */
  readonly intervalMs?: number
}

export interface ReadyServer extends Child {
  /** From its start to its first good answer. */
  readonly readyMs: number
}

/** @throws Error with its last words when it does not get ready */
export async function startServer(options: ServerOptions): Promise<ReadyServer> {
  const { name, command, env, core, ready, intervalMs = 20 } = options
  const isReady = typeof ready === 'string' ? async () => (await fetch(ready)).ok : ready
  const beganAt = performance.now()
  const child = startChild({ command, env, core })
  try {
    await pollUntil(
      () => {
        if (child.hasEnded()) throw new Error(`${name} ended: ${child.said()}`)
        return isReady().catch(() => false)
      },
      { deadlineMs: READY_MS, intervalMs, complaint: () => `${name} did not get ready: ${child.said()}` },
    )
  } catch (fault) {
    await child.stop()
    throw fault
  }
  return { ...child, readyMs: performance.now() - beganAt }
}
