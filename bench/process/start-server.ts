import { pollUntil } from '../../test/support/poll-until.ts'
import { startChild, type Child } from './child.ts'

const READY_MS = 60_000

export interface ServerOptions {
  readonly name: string
  readonly command: readonly [string, ...string[]]
  readonly env: Readonly<Record<string, string>>
  readonly core: number | undefined
  /** Answers 200 once it serves. */
  readonly readyUrl: string
  /** Of the question whether it is ready. */
  readonly intervalMs?: number
}

/** @throws Error with its last words when it does not get ready */
export async function startServer(options: ServerOptions): Promise<Child> {
  const { name, command, env, core, readyUrl, intervalMs = 20 } = options
  const child = startChild({ command, env, core })
  try {
    await pollUntil(
      () => {
        if (child.hasEnded()) throw new Error(`${name} ended: ${child.said()}`)
        return fetch(readyUrl).then(
          ({ ok }) => ok,
          () => false,
        )
      },
      { deadlineMs: READY_MS, intervalMs, complaint: () => `${name} did not get ready: ${child.said()}` },
    )
  } catch (fault) {
    await child.stop()
    throw fault
  }
  return child
}
