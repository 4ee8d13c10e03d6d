import { existsSync, globSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** What the bench cannot do without, and where to get it. */
export function missingPrograms(path = process.env['PATH'] ?? ''): readonly string[] {
  const isOnPath = (name: string): boolean =>
    path.split(delimiter).some((directory) => existsSync(join(directory, name)))
  return [
    ...(process.platform === 'linux' ? [] : ['Linux, whose /proc tells the CPU time of a process']),
    ...(isOnPath('redis-server') ? [] : ['redis-server (Debian package redis-server)']),
    ...(globSync('/usr/lib/postgresql/*/bin/postgres').length > 0 ? [] : ['PostgreSQL (Debian package postgresql)']),
  ]
}
