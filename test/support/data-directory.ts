/** Data directories with a database cluster already created, which takes PGlite seconds; with all tables too, which takes one more. */
import { createHash } from 'node:crypto'
import { cpSync, existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { migrateUp } from '../../src/storage/migrate.ts'
import { openDatabase } from '../../src/storage/open-database.ts'
import { createTempDirectory, type TempDirectory } from './temp-directory.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const CACHE = join(ROOT, 'node_modules', '.cache', 'sekisho-test')

/** All that decides what a migrated database looks like. */
const SCHEMA_SOURCES = ['migrations/**/*.*', 'src/storage/{migrate,{schema,lineage}/*}.ts']

/** Holds an empty cluster, copied from one that is made once and kept between test runs. */
export async function createDataDirectory(): Promise<TempDirectory> {
  return copyOf(await emptyCluster())
}

/** The same with all tables, and not one row. */
export async function createMigratedDataDirectory(): Promise<TempDirectory> {
  return copyOf(await migratedCluster())
}

function copyOf(cluster: string): TempDirectory {
  const directory = createTempDirectory('data')
  cpSync(cluster, join(directory.path, 'postgres'), { recursive: true })
  return directory
}

function emptyCluster(): Promise<string> {
  return keep(`pglite-${pgliteVersion()}`, async (path) => {
    const cluster = await PGlite.create(path)
    await cluster.close()
  })
}

function migratedCluster(): Promise<string> {
  const hash = createHash('sha256')
  for (const file of globSync(SCHEMA_SOURCES, { cwd: ROOT }).toSorted()) hash.update(readFileSync(join(ROOT, file)))
  return keep(`pglite-${pgliteVersion()}-migrated-${hash.digest('hex').slice(0, 12)}`, async (path) => {
    // where a socket's path is short enough
    await using directory = await createDataDirectory()
    const database = await openDatabase({ dataDirectory: directory.path })
    try {
      await migrateUp(database.pool)
    } finally {
      await database.close()
    }
    cpSync(join(directory.path, 'postgres'), path, { recursive: true })
  })
}

/** @returns where it is, made now if need be */
async function keep(name: string, make: (path: string) => Promise<void>): Promise<string> {
  const kept = join(CACHE, name)
  if (existsSync(kept)) return kept
  mkdirSync(CACHE, { recursive: true })
  const made = mkdtempSync(join(CACHE, 'making-'))
  try {
    await make(made)
    renameSync(made, kept)
  } catch (fault) {
    rmSync(made, { recursive: true, force: true })
    // several test files may have made one; the first stays
    if (!existsSync(kept)) throw fault
  }
  return kept
}

function pgliteVersion(): string {
  const manifest = readFileSync(join(ROOT, 'node_modules', '@electric-sql', 'pglite', 'package.json'), 'utf8')
  return (JSON.parse(manifest) as { version: string }).version
}
