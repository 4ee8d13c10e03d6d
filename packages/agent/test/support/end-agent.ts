import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { pollUntil } from '../../../../test/support/poll-until.ts'

const run = promisify(execFile)

/** The processes that listen on a port. */
export async function listenersOn(port: number): Promise<readonly number[]> {
  const { stdout } = await run('ss', ['-Hltnp', `sport = :${String(port)}`])
  return [...new Set([...stdout.matchAll(/pid=(\d+)/g)].map(([, number]) => Number(number)))]
}

/** Ends what `wake` left running on a port, and waits until it is gone. */
export async function endAgent(port: number): Promise<void> {
  for (const pid of await listenersOn(port)) process.kill(pid)
  await pollUntil(async () => (await listenersOn(port)).length === 0, { complaint: 'the agent did not end' })
}
