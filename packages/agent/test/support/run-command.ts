import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

export const SHIM = fileURLToPath(new URL('../../bin/sekisho-agent.js', import.meta.url))

export interface CommandResult {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface CommandOptions {
  readonly env?: NodeJS.ProcessEnv
  readonly node?: string
  readonly shim?: string
  /** A program of another kind, which gets the arguments alone. */
  readonly command?: string
}

/** The command as a person starts it, to its end. */
export function runCommand(
  args: readonly string[],
  { env = {}, node = process.execPath, shim = SHIM, command }: CommandOptions = {},
): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const clean = { PATH: process.env['PATH'], HOME: process.env['HOME'], LANG: 'C.UTF-8', ...env }
    const [file, all] = command === undefined ? [node, [shim, ...args]] : [command, args]
    const child = spawn(file, all, { env: clean, stdio: ['ignore', 'pipe', 'pipe'] })
    let [stdout, stderr] = ['', '']
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
    child.on('error', reject)
    child.on('close', (status) => {
      resolve({ status, stdout, stderr })
    })
  })
}
