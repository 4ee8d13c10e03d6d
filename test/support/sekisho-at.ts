import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { freePort } from './free-port.ts'
import { pollUntil } from './poll-until.ts'
import type { Ended, Environment } from './run-sekisho.ts'

/** A server in a process of its own. */
export interface ServedSekisho {
  /** `http://127.0.0.1:port` */
  readonly url: string
  readonly child: ChildProcess
  /** What it has said so far, on both streams. */
  output(): string
  /** SIGTERM, and waits for the end. */
  stop(): Promise<void>
}

/** The program as it is in some directory: this one, or another release of it. */
export interface SekishoAt {
  run(environment: Environment, args: readonly string[], input?: string): Promise<Ended>
  /** Begins, and does not wait for its end. */
  start(environment: Environment, args: readonly string[]): ChildProcess
  /** `serve` on a free port, ready. @throws Error with what it said when it ended */
  serve(environment: Environment): Promise<ServedSekisho>
}

export function sekishoAt(root: string): SekishoAt {
  const start: SekishoAt['start'] = (environment, args) =>
    spawn(process.execPath, [join(root, 'bin/sekisho.js'), ...args], {
      cwd: root,
      env: { PATH: process.env['PATH'] ?? '', ...environment },
      stdio: ['pipe', 'pipe', 'pipe'],
    })
  return {
    start,
    run: async (environment, args, input = '') => {
      const child = start(environment, args)
      const exited = once(child, 'exit')
      child.stdin?.end(input)
      const [stdout, stderr] = await Promise.all([said(child.stdout), said(child.stderr)])
      const [status] = (await exited) as [number | null]
      return { status, stdout, stderr }
    },
    serve: async (environment) => {
      const port = await freePort()
      const child = start({ ...environment, PORT: String(port) }, ['serve'])
      const exited = once(child, 'exit')
      let output = ''
      for (const stream of [child.stdout, child.stderr]) {
        stream?.on('data', (chunk: Buffer) => {
          output += chunk.toString()
        })
      }
      const url = `http://127.0.0.1:${port}`
      let complaint = 'sekisho serve did not become ready'
      await pollUntil(
        () => {
          if (child.exitCode !== null) {
            complaint = `sekisho serve ended with ${child.exitCode}: ${output}`
            throw new Error(complaint)
          }
          return fetch(`${url}/health/ready`).then(
            ({ ok }) => ok,
            () => false,
          )
        },
        { deadlineMs: 40_000, intervalMs: 50, complaint: () => complaint },
      )
      return {
        url,
        child,
        output: () => output,
        stop: async () => {
          child.kill('SIGTERM')
          await exited
        },
      }
    },
  }
}

function said(stream: NodeJS.ReadableStream | null): Promise<string> {
  return stream === null ? Promise.resolve('') : text(stream)
}
