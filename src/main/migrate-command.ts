import { Argument, Command } from 'commander'
import { migrateDown, migrateUp, migrationStatus } from '../storage/migrate.ts'
import { openDatabase } from '../storage/open-database.ts'
import { databaseLocation } from './database-location.ts'
import { readConfig } from './read-config.ts'

/** `sekisho migrate up|down|status`: the schema of the configured database. */
export function migrateCommand(): Command {
  return new Command('migrate')
    .description('bring the database schema up, take the newest step back, or show where it stands')
    .addArgument(new Argument('<direction>').choices(['up', 'down', 'status']))
    .option('--count <n>', 'steps to take back with “down”', (text) => Number.parseInt(text, 10), 1)
    .addHelpText(
      'after',
      '\n“down” deletes the data of the tables it removes. “serve” migrates up by itself when it starts.',
    )
    .action(async (direction: 'up' | 'down' | 'status', { count }: { count: number }) => {
      const database = await openDatabase(databaseLocation(readConfig(process.env)))
      try {
        if (direction === 'status') {
          const { applied, pending } = await migrationStatus(database.pool)
          for (const name of applied) console.log(`applied  ${name}`)
          for (const name of pending) console.log(`pending  ${name}`)
          if (pending.length > 0) process.exitCode = 1
          return
        }
        const names = direction === 'up' ? await migrateUp(database.pool) : await migrateDown(database.pool, count)
        for (const name of names) console.log(`${direction === 'up' ? 'applied' : 'taken back'}  ${name}`)
        if (names.length === 0) console.log('nothing to do')
      } finally {
        await database.close()
      }
    })
}
