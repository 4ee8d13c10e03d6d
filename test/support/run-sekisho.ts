import { spawn, type ChildProcess } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { keepLog, TEST_LOG_LEVEL } from './keep-logs.ts'
import { pollUntil } from './poll-until.ts'

const COMMAND = fileURLToPath(new URL('../../bin/sekisho.js', import.meta.url))

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

/** A `sekisho serve` that was started, perhaps not ready yet. */
export interface SekishoProcess {
  readonly url: string
  readonly pid: number
  /** What it has logged so far. */
  log(): string
  kill(signal: NodeJS.Signals): void
  readonly ended: Promise<number | null>
  /** @throws Error with what it said when it ends instead */
  ready(): Promise<void>
}

/** `sekisho serve` in a process of its own; PORT must be in the environment. */
export function startSekisho(environment: Environment): SekishoProcess {
  const level = environment['LOG_LEVEL'] ?? 'silent'
  const child = start({ ...environment, LOG_LEVEL: level === 'silent' ? TEST_LOG_LEVEL : level }, ['serve'])
  const url = `http://127.0.0.1:${environment['PORT']}`
  let said = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said += text
    keepLog(text)
  })
  child.stdout?.resume()
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  return {
    url,
    pid: child.pid ?? 0,
    log: () => said,
    kill: (signal) => void child.kill(signal),
    ended,
    ready: async () => {
      await pollUntil(
        () => {
          if (child.exitCode !== null) throw new Error(`sekisho serve ended: ${said}`)
          return fetch(`${url}/health/ready`).then(
            ({ ok }) => ok,
            () => false,
          )
        },
        { deadlineMs: 30_000, intervalMs: 100, complaint: () => `sekisho serve did not become ready: ${said}` },
      )
    },
  }
}

/** The same, ready. */
export async function serveSekisho(environment: Environment): Promise<{ url: string; stop(): Promise<void> }> {
  const server = startSekisho(environment)
  await server.ready()
  return {
    url: server.url,
    stop: async () => {
      server.kill('SIGTERM')
      await server.ended
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
