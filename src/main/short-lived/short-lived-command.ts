import { Command } from 'commander'
import { appendAuditEvents } from '../../storage/audit-log.ts'
import type { Database } from '../../storage/database.ts'
import { readPlace } from '../../storage/short-lived/claim-place.ts'
import { movePlace } from '../../storage/short-lived/move-place.ts'
import { placeOf } from '../open-short-lived.ts'
import { readConfig } from '../read-config.ts'
import { refuseWhileServed } from '../refuse-while-served.ts'
import { refusing } from '../tell-refusal.ts'
import { withDatabase } from '../with-database.ts'

interface Options {
  readonly json?: true
}

/** `sekisho short-lived status|move`: where sessions, tickets and tokens are kept (docs/adr/0021). */
export function shortLivedCommand(): Command {
  return new Command('short-lived')
    .description('where sessions, tickets and tokens are kept: PostgreSQL, or Redis')
    .addCommand(
      new Command('status')
        .description('what the installation uses and what this environment says; fails when they differ')
        .option('--json', 'print JSON')
        .action(refusing(({ json }: Options) => showStatus(json === true))),
    )
    .addCommand(
      new Command('move')
        .description(
          'use what this environment says (REDIS_URL) from now on, with every server stopped: everybody signs in again',
        )
        .option('--json', 'print JSON')
        .addHelpText(
          'after',
          '\nAlso for another Redis in place of the present one. What was kept until now ends for good, at the old place too.',
        )
        .action(refusing(({ json }: Options) => move(json === true))),
    )
}

async function showStatus(json: boolean): Promise<void> {
  const config = readConfig(process.env)
  const installation = await withDatabase(config, readPlace)
  const environment = placeOf(config)
  const isSame = installation === undefined || installation === environment
  if (json) console.log(JSON.stringify({ installation: installation ?? null, environment }, null, 2))
  else console.log(`installation: ${installation ?? 'not chosen yet'}\nthis environment: ${environment}`)
  if (!isSame) process.exitCode = 1
}

async function move(json: boolean): Promise<void> {
  const config = readConfig(process.env)
  const to = placeOf(config)
  const moved = await withDatabase(config, async (database: Database) => {
    await refuseWhileServed(database.pool)
    return database.transaction(async (transaction) => {
      const at = new Date()
      const from = await readPlace(transaction)
      const ended = await movePlace(transaction, to, at)
      await appendAuditEvents(transaction, [{ type: 'short_lived.moved', to, ended }], at, 'operator')
      return { from: from ?? null, to, ended }
    })
  })
  if (json) console.log(JSON.stringify(moved, null, 2))
  else console.log(`moved from ${moved.from ?? 'nowhere'} to ${to}; everybody signs in again`)
}
