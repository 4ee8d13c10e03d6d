import { Command, InvalidArgumentError } from 'commander'
import { Refusal } from '../error-registry/refusal.ts'
import { migrateDown, migrateUp, migrationStatus } from '../storage/migrate.ts'
import type { Database } from '../storage/database.ts'
import { openDatabase } from '../storage/open-database.ts'
import type { SchemaStatus } from '../storage/schema/judge-schema.ts'
import { CommandRefused, EX_DATAERR, EX_UNAVAILABLE } from './command-refused.ts'
import { databaseLocation } from './database-location.ts'
import { readConfig } from './read-config.ts'
import { refuseWhileServed } from './refuse-while-served.ts'

const EXIT_STATUS = `
Exit status: 0 done, or at this release; 1 something is pending (status); 65 refused, nothing was changed; 69 no answer.`

/** `sekisho migrate up|down|status`: the schema of the configured database. */
export function migrateCommand(): Command {
  return new Command('migrate')
    .description('the schema of the database')
    .addHelpText('after', EXIT_STATUS)
    .addCommand(
      new Command('up')
        .description('apply every migration that is missing, all or nothing; servers of the release before go on')
        .option('--skip-releases', 'several releases in one step: refused while a server is connected')
        .addHelpText('after', EXIT_STATUS)
        .action(({ skipReleases = false }: { skipReleases?: boolean }) =>
          onDatabase(async ({ pool }) => {
            if (skipReleases) await refuseWhileServed(pool)
            tell('applied', await migrateUp(pool, { skipReleases }))
          }),
        ),
    )
    .addCommand(
      new Command('down')
        .description('take the newest migrations back; refused while a server is connected')
        .option('--count <n>', 'how many', parseCount, 1)
        .option('--destroy-data', 'also those that take data with them')
        .addHelpText(
          'after',
          `\nTo go back to the release before, start it: it runs on the present schema, and nothing has to be taken back.${EXIT_STATUS}`,
        )
        .action(({ count, destroyData = false }: { count: number; destroyData?: boolean }) =>
          onDatabase(async ({ pool }) => {
            await refuseWhileServed(pool)
            tell('taken back', await migrateDown(pool, count, { destroyData }))
          }),
        ),
    )
    .addCommand(
      new Command('status')
        .description('what is applied, what is pending, and what this release does not know; changes nothing')
        .option('--json', 'print JSON')
        .addHelpText('after', EXIT_STATUS)
        .action(({ json }: { json?: true }) =>
          onDatabase(async ({ pool }) => {
            const status = await migrationStatus(pool)
            console.log(json === true ? JSON.stringify(status, null, 2) : print(status))
            if (status.fault !== undefined) process.exitCode = EX_DATAERR
            else if (status.pending.length > 0) process.exitCode = 1
          }),
        ),
    )
}

function print({ applied, pending, unknown, releaseOfDatabase, releaseOfCode, fault }: SchemaStatus): string {
  const isUnknown = new Set(unknown)
  return [
    ...applied.map((name) => (isUnknown.has(name) ? `unknown  ${name} (of a newer release)` : `applied  ${name}`)),
    ...pending.map((name) => `pending  ${name}`),
    `schema ${releaseOfDatabase === 0 ? 'none' : releaseOfDatabase}, this release ${releaseOfCode}`,
    ...(fault === undefined ? [] : [`${fault.code}: ${fault.detail}`]),
  ].join('\n')
}

function tell(done: string, names: readonly string[]): void {
  for (const name of names) console.log(`${done}  ${name}`)
  if (names.length === 0) console.log('nothing to do')
}

async function onDatabase(work: (database: Database) => Promise<void>): Promise<void> {
  const database = await openDatabase(databaseLocation(readConfig(process.env)))
  try {
    await work(database)
  } catch (fault) {
    if (!(fault instanceof Refusal) && !(fault instanceof CommandRefused)) throw fault
    console.error(fault.message)
    process.exitCode = fault instanceof CommandRefused ? fault.exitCode : exitCodeOf(fault)
  } finally {
    await database.close()
  }
}

function exitCodeOf({ code }: Refusal): number {
  return code.startsWith('SERVER_SCHEMA_') ? EX_DATAERR : EX_UNAVAILABLE
}

function parseCount(text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new InvalidArgumentError('must be a number from 1')
  return Number(text)
}
