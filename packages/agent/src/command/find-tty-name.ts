import { readlinkSync } from 'node:fs'

/** The terminal of this process, for a program that draws on it: GPG_TTY as GnuPG's users set it, else what standard input is. */
export function findTtyName(env: NodeJS.ProcessEnv, isTerminal: boolean): string | undefined {
  const named = env['GPG_TTY']
  if (named) return named
  if (!isTerminal) return undefined
  try {
    return readlinkSync('/proc/self/fd/0')
  } catch {
    return undefined
  }
}
