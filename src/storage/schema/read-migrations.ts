import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'

/** A file of migrations/. */
export interface Migration {
  /** Without `.sql`. */
  readonly name: string
  /** SHA-256 in hex. */
  readonly checksum: string
  /** Which release brought it, from 1. */
  readonly release: number
  /** Whether taking it back loses nothing that anybody would miss. */
  readonly isReversible: boolean
}

/** What this code knows of schemas. */
export interface KnownSchema {
  readonly migrations: readonly Migration[]
  /** The release that this code is, or is becoming. */
  readonly release: number
}

/** `migrations/releases.json`: the releases so far, oldest first. Whatever else is in the folder belongs to the next one. */
const releasesSchema = z.array(
  z.strictObject({
    commit: z.string().regex(/^[0-9a-f]{40}$/),
    migrations: z.record(z.string(), z.string().regex(/^[0-9a-f]{64}$/)),
    reversible: z.array(z.string()),
  }),
)
export type Releases = z.output<typeof releasesSchema>

/** In a file of the release to come: that its Down section loses nothing, and why. */
const REVERSIBLE = /^-- Reversible: \S/m

export async function readReleases(directory: string): Promise<Releases> {
  return releasesSchema.parse(JSON.parse(await readFile(join(directory, 'releases.json'), 'utf8')))
}

/** In the order in which they are applied. */
export async function readMigrations(directory: string): Promise<KnownSchema> {
  const releases = await readReleases(directory)
  const files = (await readdir(directory)).filter((name) => name.endsWith('.sql')).toSorted()
  const migrations = await Promise.all(
    files.map(async (file): Promise<Migration> => {
      const name = file.slice(0, -'.sql'.length)
      const text = await readFile(join(directory, file), 'utf8')
      const closed = releases.findIndex(({ migrations: names }) => Object.hasOwn(names, name))
      return {
        name,
        checksum: createHash('sha256').update(text).digest('hex'),
        release: closed === -1 ? releases.length + 1 : closed + 1,
        isReversible: closed === -1 ? REVERSIBLE.test(text) : (releases[closed]?.reversible.includes(name) ?? false),
      }
    }),
  )
  return { migrations, release: releases.length + 1 }
}
