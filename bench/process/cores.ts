import { execFileSync } from 'node:child_process'
import { cpus } from 'node:os'

/** Who runs where. */
export interface Cores {
  /** Of the server that is measured. */
  readonly server: number | undefined
  /** Of the load, Redis, PostgreSQL and everything else. */
  readonly load: number | undefined
  /** Why nobody is pinned, when nobody is. */
  readonly reason?: string
}

/** Puts this process, and so every child that is not told otherwise, on the second core; servers that are measured get the first. */
export function pinToCores(): Cores {
  const nobody = { server: undefined, load: undefined }
  if (cpus().length < 2) return { ...nobody, reason: 'there is only one core' }
  try {
    execFileSync('taskset', ['--all-tasks', '--cpu-list', '--pid', '1', String(process.pid)], { stdio: 'ignore' })
    return { server: 0, load: 1 }
  } catch {
    return { ...nobody, reason: 'taskset (Debian package util-linux) cannot be used here' }
  }
}
