import { spawn, type ChildProcess } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { pollUntil } from './poll-until.ts'

const COMMAND = fileURLToPath(new URL('../../src/main/cli.ts', import.meta.url))

export type Environment = Readonly<Record<string, string>>

export interface Ended {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

/** `sekisho …` in a process of its own, with this environment and nothing of ours. */
export async function runSekisho(environment: Environment, args: readonly string[], input = ''): Promise<Ended> {
  const child = start(environment, args)
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve))
  child.stdin?.end(input)
  const [stdout, stderr] = await Promise.all([textOf(child.stdout), textOf(child.stderr)])
  return { status: await exited, stdout, stderr }
}

/**
 * The same with `--json`.
 *
 * @throws Error with what it said when it failed
 */
export async function sekishoJson<Answer>(environment: Environment, ...args: readonly string[]): Promise<Answer> {
  const { status, stdout, stderr } = await runSekisho(environment, [...args, '--json'])
  if (status !== 0) throw new Error(`sekisho ${args.join(' ')} ended with ${status}: ${stderr}`)
  return JSON.parse(stdout) as Answer
}

/** `sekisho serve` in a process of its own, ready; PORT must be in the environment. */
export async function serveSekisho(environment: Environment): Promise<{ url: string; stop(): Promise<void> }> {
  const child = start(environment, ['serve'])
  const exited = new Promise<void>((resolve) =>
    child.once('exit', () => {
      resolve()
    }),
  )
  const stderr = textOf(child.stderr)
  child.stdout?.resume()
  const url = `http://127.0.0.1:${environment['PORT']}`
  let complaint = 'sekisho serve did not become ready'
  await pollUntil(
    async () => {
      if (child.exitCode !== null) complaint = `sekisho serve ended: ${await stderr}`
      return fetch(`${url}/health/ready`).then(
        ({ ok }) => ok,
        () => false,
      )
    },
    { deadlineMs: 30_000, intervalMs: 100, complaint: () => complaint },
  )
  return {
    url,
    stop: async () => {
      child.kill('SIGTERM')
      await exited
    },
  }
}

function start(environment: Environment, args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [COMMAND, ...args], {
    env: { PATH: process.env['PATH'] ?? '', ...environment },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
}

function textOf(stream: NodeJS.ReadableStream | null): Promise<string> {
  return stream === null ? Promise.resolve('') : text(stream)
}
