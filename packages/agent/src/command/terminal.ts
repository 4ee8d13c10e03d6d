import { createInterface } from 'node:readline/promises'

/** Where a command speaks. */
export interface Terminal {
  /** One line of result. */
  say(line: string): void
  /** One line of complaint. */
  complain(line: string): void
  /** A question to the person, answered with a line; undefined when nobody is there to answer, or `signal` ends it. */
  ask(question: string, signal?: AbortSignal): Promise<string | undefined>
  /** Whether somebody is there. */
  readonly isInteractive: boolean
}

export function createTerminal(process: NodeJS.Process): Terminal {
  // `sekisho-agent doctor | head`: whoever read has read enough
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
  })
  return {
    say: (line) => {
      process.stdout.write(`${line}\n`)
    },
    complain: (line) => {
      process.stderr.write(`${line}\n`)
    },
    isInteractive: process.stdin.isTTY,
    async ask(question, signal) {
      if (!process.stdin.isTTY) return undefined
      // To standard error: standard output may be read by a program.
      const reader = createInterface({ input: process.stdin, output: process.stderr })
      try {
        return await reader.question(`${question} `, signal === undefined ? {} : { signal })
      } catch {
        return undefined
      } finally {
        reader.close()
      }
    },
  }
}
