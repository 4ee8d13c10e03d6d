import { spawn } from 'node:child_process'
import { pollUntil } from '../../../../test/support/poll-until.ts'

export interface PtySession {
  /** What the terminal shows, with its control sequences. */
  screen(): string
  /** Types, once the screen holds `after`, in what came behind the `after` of the last typing. */
  type(after: string, keys: string): Promise<void>
  /** The exit status of the command. */
  ended: Promise<number | null>
}

/** Runs a command at a terminal of its own, made by script(1). */
export function runInPty(command: readonly string[], env: NodeJS.ProcessEnv): PtySession {
  const line = command.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ')
  const child = spawn('script', ['--quiet', '--return', '--flush', '--command', line, '/dev/null'], {
    env: { TERM: 'xterm', ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  let screen = ''
  let read = 0
  child.stdout.setEncoding('utf8').on('data', (text: string) => (screen += text))
  return {
    screen: () => screen,
    async type(after, keys) {
      await pollUntil(() => screen.includes(after, read), {
        complaint: () => `the terminal does not show ${after}: ${screen}`,
      })
      read = screen.indexOf(after, read) + after.length
      child.stdin.write(keys)
    },
    ended: new Promise((resolve) => {
      child.once('close', (status) => {
        child.stdin.end()
        resolve(status)
      })
    }),
  }
}
