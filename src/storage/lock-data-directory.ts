import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/** Another process, or another part of this one, works in the data directory. */
export class DataDirectoryInUse extends Error {
  override readonly name = 'DataDirectoryInUse'
}

/**
 * Makes sure that one process at a time works in a data directory: PGlite would destroy its files otherwise.
 *
 * The lock is the operating system's, held through an empty SQLite file: it ends with its process, however that ends,
 * so there is no stale lock to recognise and no pid that a container hands out twice. `server.pid` only says who holds it.
 *
 * @returns how to give the directory back
 * @throws DataDirectoryInUse
 */
export function lockDataDirectory(dataDirectory: string): () => void {
  const pidFile = join(dataDirectory, 'server.pid')
  const lock = new DatabaseSync(join(dataDirectory, 'lock'))
  try {
    lock.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE')
  } catch (fault) {
    lock.close()
    if (!isBusy(fault)) throw fault
    throw new DataDirectoryInUse(
      `the data directory ${dataDirectory} is in use by ${holderOf(pidFile)}: ` +
        'stop it, choose another DATA_DIR, or use PostgreSQL (DATABASE_URL) for several processes',
      { cause: fault },
    )
  }
  writeFileSync(pidFile, `${process.pid}\n`, { mode: 0o600 })
  return () => {
    rmSync(pidFile, { force: true })
    lock.close()
  }
}

/** https://www.sqlite.org/rescode.html#busy */
const SQLITE_BUSY = 5

function isBusy(fault: unknown): boolean {
  return fault instanceof Error && 'errcode' in fault && fault.errcode === SQLITE_BUSY
}

function holderOf(pidFile: string): string {
  try {
    return `process ${Number.parseInt(readFileSync(pidFile, 'utf8'), 10)}`
  } catch {
    return 'another process'
  }
}
