import { Command } from 'commander'
import type { Database } from '../../storage/database.ts'
import { describeGrants } from '../../storage/rights/grant-rights.ts'
import { CommandRefused, EX_DATAERR } from '../command-refused.ts'
import { readConfig } from '../read-config.ts'
import { tellRefusal } from '../tell-refusal.ts'
import { withDatabase } from '../with-database.ts'

interface GrantOptions {
  readonly mayPrune?: true
  readonly print?: true
}

/** `sekisho database grant ROLE`: a role for servers that is not the schema's owner (docs/adr/0021). */
export function databaseCommand(): Command {
  return new Command('database').description('who may do what in the database').addCommand(
    new Command('grant')
      .description('give a role of PostgreSQL what a server needs, and nothing else; run as the owner of the schema')
      .argument('<role>', 'a role that is there (CREATE ROLE … LOGIN)')
      .option('--may-prune', 'servers keep AUDIT_KEEP_DAYS by themselves: they may delete what has a signed tombstone')
      .option('--print', 'print the statements instead')
      .addHelpText(
        'after',
        '\nSay it again after each “sekisho migrate up”. Servers then run with DATABASE_URL of that role and MIGRATE_AT_START=0.',
      )
      .action(async (role: string, options: GrantOptions) => {
        try {
          await withDatabase(readConfig(process.env), (database) => grant(database, role, options))
        } catch (fault) {
          tellRefusal(fault)
        }
      }),
  )
}

async function grant(database: Database, role: string, { mayPrune, print }: GrantOptions): Promise<void> {
  if (database.kind === 'embedded') throw new CommandRefused(EX_DATAERR, 'The embedded database has one role only.')
  await refuseUnfitRole(database, role)
  const statements = await describeGrants(database, role, { mayPrune: mayPrune === true })
  if (print === true) {
    for (const statement of statements) console.log(`${statement};`)
    return
  }
  await database.transaction(async (transaction) => {
    for (const statement of statements) await transaction.query(statement)
  })
  console.log(`${role} may now do what a server does, and no more`)
}

async function refuseUnfitRole(database: Database, role: string): Promise<void> {
  const { rows } = await database.query<{ superuser: boolean; owns: boolean }>(
    `SELECT rolsuper AS superuser,
       EXISTS (SELECT FROM pg_tables WHERE schemaname = current_schema() AND pg_has_role($1, tableowner, 'MEMBER')) AS owns
     FROM pg_roles WHERE rolname = $1`,
    [role],
  )
  const [found] = rows
  if (found === undefined) throw new CommandRefused(EX_DATAERR, `There is no role “${role}”. Nothing was changed.`)
  if (!found.superuser && !found.owns) return
  const what = found.superuser ? 'a superuser' : 'the owner of the tables, or a member of it'
  throw new CommandRefused(EX_DATAERR, `“${role}” is ${what}: nothing can be kept from it. Nothing was changed.`)
}
