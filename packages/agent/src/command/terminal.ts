import { createInterface } from 'node:readline/promises'

/** Where a command speaks. */
export interface Terminal {
  /** One line of result. */
  say(line: string): void
  /** One line of complaint. */
  complain(line: string): void
  /** A question to the person, answered with a line; undefined when nobody is there to answer. */
  ask(question: string): Promise<string | undefined>
}

export function createTerminal(process: NodeJS.Process): Terminal {
  return {
    say: (line) => {
      process.stdout.write(`${line}\n`)
    },
    complain: (line) => {
      process.stderr.write(`${line}\n`)
    },
    async ask(question) {
      if (!process.stdin.isTTY) return undefined
      const reader = createInterface({ input: process.stdin, output: process.stdout })
      try {
        return await reader.question(`${question} `)
      } finally {
        reader.close()
      }
    },
  }
}
