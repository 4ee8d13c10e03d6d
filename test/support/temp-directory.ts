import { mkdirSync, mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface TempDirectory extends AsyncDisposable {
  /** Absolute path, mode 0700. */
  readonly path: string
  remove(): Promise<void>
}

/**
 * A new empty directory, for one test or one file of tests: `await using directory = createTempDirectory('sockets')`,
 * or `remove()` in an `afterAll`. Short by default, since a Unix socket's path may have 107 characters at most.
 *
 * @param inside where to make it instead of the system's place for temporary files; made when it does not exist
 */
export function createTempDirectory(label: string, inside: string = tmpdir()): TempDirectory {
  mkdirSync(inside, { recursive: true })
  const path = mkdtempSync(join(inside, `sekisho-${label}-`))
  const remove = () => rm(path, { recursive: true, force: true, maxRetries: 3 })
  return { path, remove, [Symbol.asyncDispose]: remove }
}
