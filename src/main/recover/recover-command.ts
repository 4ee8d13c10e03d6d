import { createReadStream } from 'node:fs'
import { Command, Option } from 'commander'
import { planRecovery, type RecoveryPlan } from '../../audit/plan-recovery.ts'
import type { Config } from '../../config/config.ts'
import { Refusal } from '../../error-registry/refusal.ts'
import { appendAuditEvents } from '../../storage/audit-log.ts'
import type { Database } from '../../storage/database.ts'
import { createRecoveryStore, endEverythingShortLived } from '../../storage/lineage/recovery-store.ts'
import { migrateUp } from '../../storage/migrate.ts'
import { openDatabase } from '../../storage/open-database.ts'
import { CommandRefused, EX_DATAERR, EX_NOINPUT, EX_UNAVAILABLE, EX_USAGE } from '../command-refused.ts'
import { databaseLocation } from '../database-location.ts'
import { readConfig } from '../read-config.ts'
import { holdWhatWasLost } from './hold-what-was-lost.ts'
import { printRecovery } from './print-recovery.ts'
import { readAuditCopy } from './read-audit-copy.ts'
import type { Recovery } from './recovery.ts'

interface RecoverOptions {
  readonly audit?: string
  readonly withoutAudit?: true
  readonly nothingLost?: true
  readonly json?: true
}

const NOTHING_LOST: RecoveryPlan = planRecovery([])

/** `sekisho recover`: takes a restored database into service, so that nothing of before the restore is good again (docs/adr/0014). */
export function recoverCommand(): Command {
  return new Command('recover')
    .description(
      'take a restored database into service: what was revoked, used or undone since the backup must not come back',
    )
    .option(
      '--audit <file>',
      'the copy of the audit log that is kept outside (“sekisho audit export --resume”); “-” is standard input',
    )
    .option(
      '--without-audit',
      'there is no copy: what was done by hand since the backup is forgotten. Cards unlinked, sites disabled, keys withdrawn since then are good again',
    )
    .option(
      '--nothing-lost',
      'every commit is there (recovered to the last moment of the archive, a synchronous standby, a move): sessions and tokens stay',
    )
    .addOption(new Option('--json', 'print JSON'))
    .addHelpText(
      'after',
      '\nStop the servers first. With --audit or --without-audit everybody signs in again. May be run twice. ' +
        'docs/operations.md, “Backup and restore”, says which is right when.',
    )
    .action(async (options: RecoverOptions) => {
      try {
        const recovery = await recover(options)
        console.log(options.json === true ? JSON.stringify(recovery, null, 2) : printRecovery(recovery))
      } catch (fault) {
        if (!(fault instanceof CommandRefused) && !(fault instanceof Refusal)) throw fault
        console.error(fault.message)
        process.exitCode = fault instanceof CommandRefused ? fault.exitCode : EX_UNAVAILABLE
      }
    })
}

async function recover(options: RecoverOptions): Promise<Recovery> {
  const { audit, withoutAudit, nothingLost } = options
  if ([audit, withoutAudit, nothingLost].filter((one) => one !== undefined).length !== 1) {
    throw new CommandRefused(EX_USAGE, 'Say one of --audit FILE, --without-audit and --nothing-lost (run with --help).')
  }
  const config = readConfig(process.env)
  const database = await openDatabase(databaseLocation(config))
  try {
    await migrateUp(database.pool)
    return await recoverDatabase(database, config, options)
  } finally {
    await database.close()
  }
}

async function recoverDatabase(
  database: Database,
  config: Config,
  { audit, nothingLost }: RecoverOptions,
): Promise<Recovery> {
  const now = (): Date => new Date()
  const store = createRecoveryStore(database)
  const backupEndsAt = await store.lastEventAt()
  const copy = audit === undefined ? undefined : await readAuditCopy(await open(audit), store)
  if (copy?.lines === 0) throw new CommandRefused(EX_DATAERR, 'The copy is empty. Nothing was changed.')
  const plan = copy === undefined ? NOTHING_LOST : planRecovery(copy.lost)
  const held = await holdWhatWasLost(plan, { database, store, config, now })
  const lostEvents = copy?.lost.length ?? 0

  const at = now()
  const ended = await store.accept(at, async (transaction) => {
    const rows = nothingLost === true ? 0 : await endEverythingShortLived(transaction, at)
    const by = nothingLost === true ? 'nothing_lost' : audit === undefined ? 'nothing_known' : 'audit_copy'
    const count = [held.cards, held.accounts, held.clients, held.keys].flat().length
    const event = { type: 'database.recovered', by, lostEvents, held: count, ended: rows } as const
    await appendAuditEvents(transaction, [event], at, 'operator')
    return rows
  })
  return { backupEndsAt, lostEvents, newPeople: plan.newPeople, held, ended }
}

async function open(file: string): Promise<NodeJS.ReadableStream> {
  if (file === '-') return process.stdin
  const stream = createReadStream(file)
  return new Promise((resolve, reject) => {
    stream.once('open', () => {
      resolve(stream)
    })
    stream.once('error', (fault: NodeJS.ErrnoException) => {
      reject(new CommandRefused(EX_NOINPUT, `${file} cannot be read: ${fault.code ?? fault.message}`))
    })
  })
}
