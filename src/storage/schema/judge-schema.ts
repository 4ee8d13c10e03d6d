import type { ErrorCode } from '../../error-registry/registry.ts'
import type { KnownSchema } from './read-migrations.ts'

/** What a database says of itself. */
export interface SchemaOfDatabase {
  /** In the order in which they were applied. No checksum: applied by a release that did not keep it. */
  readonly applied: readonly { readonly name: string; readonly checksum: string | undefined }[]
  /** The newest release that migrated it, where it was written down. */
  readonly release: number | undefined
}

export interface SchemaStatus {
  readonly applied: readonly string[]
  readonly pending: readonly string[]
  /** Applied by a release that this one does not know. */
  readonly unknown: readonly string[]
  /** 0: an empty database. */
  readonly releaseOfDatabase: number
  readonly releaseOfCode: number
  /** Why this release neither migrates this database nor works on it. */
  readonly fault?: SchemaFault
}

export interface SchemaFault {
  readonly code: Extract<ErrorCode, `SERVER_SCHEMA_${string}`>
  readonly detail: string
}

/**
 * Whether this release may have to do with a database, at all. One release apart is well: of two neighbours each works on the schema
 * of the other (migrations/README.md). Two apart nobody has tried.
 */
export function judgeSchema({ migrations, release }: KnownSchema, database: SchemaOfDatabase): SchemaStatus {
  const known = new Map(migrations.map((migration) => [migration.name, migration]))
  const applied = database.applied.map(({ name }) => name)
  const isApplied = new Set(applied)
  const pending = migrations.map(({ name }) => name).filter((name) => !isApplied.has(name))
  const unknown = applied.filter((name) => !known.has(name))
  const releaseOfDatabase = Math.max(
    database.release ?? 0,
    ...applied.flatMap((name) => known.get(name)?.release ?? []),
    0,
  )
  const status = { applied, pending, unknown, releaseOfDatabase, releaseOfCode: release }
  const refuse = (code: SchemaFault['code'], detail: string): SchemaStatus => ({ ...status, fault: { code, detail } })

  if (releaseOfDatabase > release + 1) {
    return refuse(
      'SERVER_SCHEMA_TOO_NEW',
      `the database is at schema ${releaseOfDatabase}, this release is ${release} and works up to ${release + 1}: use a newer release`,
    )
  }
  if (unknown.length > 0 && releaseOfDatabase <= release) {
    return refuse('SERVER_SCHEMA_MISMATCH', `${unknown.join(', ')}: applied, but no migration of any release`)
  }
  const edited = database.applied.find(
    ({ name, checksum }) => checksum !== undefined && known.has(name) && known.get(name)?.checksum !== checksum,
  )
  if (edited !== undefined) {
    return refuse('SERVER_SCHEMA_MISMATCH', `${edited.name} was changed after it was applied`)
  }
  const last = applied.toSorted().at(-1)
  const skipped = pending.find((name) => last !== undefined && name < last)
  if (skipped !== undefined) {
    return refuse('SERVER_SCHEMA_MISMATCH', `${skipped} was not applied, and ${last} was`)
  }
  if (releaseOfDatabase > 0 && releaseOfDatabase < release - 1) {
    return refuse(
      'SERVER_SCHEMA_SKIPPED',
      `the database is at schema ${releaseOfDatabase}, this release is ${release}: a release in between was left out. ` +
        'Run it first; or stop every server and run “sekisho migrate up --skip-releases”',
    )
  }
  return status
}
