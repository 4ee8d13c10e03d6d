import { chmodSync, mkdirSync, readdirSync, statSync } from 'node:fs'

/** What lies in a directory that is ours. */
const OURS = ['lock', 'postgres', 'secrets.json']

/**
 * Makes the data directory, for its owner alone (0700): it holds the database, its socket and the development secrets.
 * One that others may enter is closed to them only when it is empty or ours, so that a slip in DATA_DIR does not
 * change the rights of somebody's home.
 *
 * @throws Error when the directory belongs to other things, or cannot be made
 */
export function prepareDataDirectory(dataDirectory: string): void {
  mkdirSync(dataDirectory, { recursive: true, mode: 0o700 })
  if ((statSync(dataDirectory).mode & 0o077) === 0) return
  const entries = readdirSync(dataDirectory)
  if (entries.length > 0 && !entries.some((entry) => OURS.includes(entry))) {
    throw new Error(
      `the data directory ${dataDirectory} is not empty and others may enter it: choose another, or chmod 700`,
    )
  }
  chmodSync(dataDirectory, 0o700)
}
