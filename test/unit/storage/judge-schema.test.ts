import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { judgeSchema, type SchemaOfDatabase } from '../../../src/storage/schema/judge-schema.ts'
import { readMigrations, readReleases, type KnownSchema } from '../../../src/storage/schema/read-migrations.ts'

const DIRECTORY = fileURLToPath(new URL('../../../migrations', import.meta.url))

/** Release n brought the migrations `n1` and `n2`. */
function codeOf(release: number): KnownSchema {
  const migrations = Array.from({ length: release }, (_, i) =>
    [`${i + 1}1`, `${i + 1}2`].map((name) => ({ name, checksum: `sum ${name}`, release: i + 1, isReversible: false })),
  ).flat()
  return { migrations, release }
}

function databaseAt(names: readonly string[], release?: number): SchemaOfDatabase {
  return { applied: names.map((name) => ({ name, checksum: undefined })), release }
}

const faultOf = (code: number, database: SchemaOfDatabase): string | undefined =>
  judgeSchema(codeOf(code), database).fault?.code

describe('attack 43: a database that is not of this release or a neighbour is refused', () => {
  test.each([
    ['two releases newer', 2, databaseAt(['11', '12', '21', '22', '31', '41'], 4), 'SERVER_SCHEMA_TOO_NEW'],
    ['two releases older', 3, databaseAt(['11', '12']), 'SERVER_SCHEMA_SKIPPED'],
    ['two releases older, of the older half', 3, databaseAt(['11']), 'SERVER_SCHEMA_SKIPPED'],
    ['with a migration of nobody', 2, databaseAt(['11', '12', '21', '22', '23'], 2), 'SERVER_SCHEMA_MISMATCH'],
    [
      'with one of nobody, of before releases were written down',
      2,
      databaseAt(['11', '12', 'x']),
      'SERVER_SCHEMA_MISMATCH',
    ],
    ['with a gap', 2, databaseAt(['11', '12', '22']), 'SERVER_SCHEMA_MISMATCH'],
    ['of the next release, with a gap', 2, databaseAt(['11', '12', '21', '31'], 3), 'SERVER_SCHEMA_MISMATCH'],
  ])('%s', (_name, code, database, fault) => {
    expect(faultOf(code, database)).toBe(fault)
  })

  test('one whose file was changed after it was applied', () => {
    const applied = [
      { name: '11', checksum: 'sum 11' },
      { name: '12', checksum: 'another' },
    ]
    expect(judgeSchema(codeOf(1), { applied, release: 1 }).fault).toMatchObject({
      code: 'SERVER_SCHEMA_MISMATCH',
      detail: '12 was changed after it was applied',
    })
  })
})

test.each([
  ['empty', 3, databaseAt([]), { pending: 6, unknown: 0 }],
  ['of the release before', 3, databaseAt(['11', '12', '21', '22'], 2), { pending: 2, unknown: 0 }],
  ['of the release before, half applied', 3, databaseAt(['11', '12', '21'], 2), { pending: 3, unknown: 0 }],
  ['its own', 2, databaseAt(['11', '12', '21', '22'], 2), { pending: 0, unknown: 0 }],
  ['of the next release', 2, databaseAt(['11', '12', '21', '22', '31'], 3), { pending: 0, unknown: 1 }],
])('a database %s is worked on', (_name, code, database, counts) => {
  const { fault, pending, unknown } = judgeSchema(codeOf(code), database)
  expect({ fault, pending: pending.length, unknown: unknown.length }).toEqual({ fault: undefined, ...counts })
})

describe('the migrations of this repository', () => {
  test('those of a release are, octet for octet, what was released', async () => {
    const releases = await readReleases(DIRECTORY)
    for (const { migrations, reversible } of releases) {
      for (const [name, checksum] of Object.entries(migrations)) {
        const text = readFileSync(`${DIRECTORY}/${name}.sql`)
        expect(createHash('sha256').update(text).digest('hex'), name).toBe(checksum)
      }
      expect(Object.keys(migrations)).toEqual(expect.arrayContaining(reversible))
    }
  })

  test('those to come are numbered after them, each number once', async () => {
    const { migrations, release } = await readMigrations(DIRECTORY)
    const names = migrations.map(({ name }) => name)
    expect(names).toHaveLength(readdirSync(DIRECTORY).filter((name) => name.endsWith('.sql')).length)
    expect(new Set(names.map((name) => name.slice(0, 4))).size).toBe(names.length)
    expect(migrations.map((one) => one.release)).toEqual(migrations.map((one) => one.release).toSorted())
    expect(migrations.at(-1)?.release).toBe(release)
  })

  test('every one has a way down', () => {
    for (const file of readdirSync(DIRECTORY).filter((name) => name.endsWith('.sql'))) {
      expect(readFileSync(`${DIRECTORY}/${file}`, 'utf8'), file).toMatch(/^-- Down Migration$/m)
    }
  })

  // a release reads what the one before wrote, and the other way round, while both run: a change is made in two releases
  test('those to come only expand: nothing that the release before uses is dropped, renamed or narrowed', async () => {
    const { migrations, release } = await readMigrations(DIRECTORY)
    for (const { name } of migrations.filter((one) => one.release === release)) {
      const [up = ''] = readFileSync(`${DIRECTORY}/${name}.sql`, 'utf8').split(/^-- Down Migration$/m)
      const statements = up.replaceAll(/--.*$/gm, '')
      expect(statements, name).not.toMatch(
        /\b(?:DROP\s+(?:TABLE|COLUMN|SCHEMA)|RENAME|SET\s+NOT\s+NULL|ALTER\s+COLUMN\s+\w+\s+TYPE)\b/i,
      )
    }
  })
})
