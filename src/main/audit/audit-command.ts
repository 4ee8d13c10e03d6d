import { setTimeout as pause } from 'node:timers/promises'
import { Command, InvalidArgumentError, Option } from 'commander'
import { exportLines } from '../../audit/export/export-lines.ts'
import { CSV_HEADER, writeCsvLine } from '../../audit/export/audit-csv.ts'
import { EXPORT_FORMAT, writeExportLine, type ExportLine } from '../../audit/export/audit-jsonl.ts'
import type { AuditSealer } from '../../audit/seal/create-audit-sealer.ts'
import { verifyAuditLog, type AuditVerification } from '../../audit/seal/verify-audit-log.ts'
import type { Database } from '../../storage/database.ts'
import { readAuditLog } from '../../storage/read-audit-log.ts'
import { CommandRefused, EX_USAGE } from '../command-refused.ts'
import { readConfig } from '../read-config.ts'
import { refusing } from '../tell-refusal.ts'
import { withDatabase } from '../with-database.ts'
import { describeVerification } from './describe-finding.ts'
import { keysOfDatabase } from './keys-of-database.ts'
import { importAuditKeys, readAuditKeys, type PublicAuditKey } from './public-audit-keys.ts'
import { openAuditSealer } from './open-audit-sealer.ts'
import { readExportFile } from './read-export-file.ts'
import { openExportTarget } from './write-export.ts'

interface VerifyOptions {
  readonly file?: string
  readonly keys?: string
  readonly expectHead?: { readonly number: number; readonly digest: string }
  readonly json?: true
}

interface ExportOptions {
  readonly format: 'jsonl' | 'csv'
  readonly output?: string
  readonly resume?: true
}

const DAY_MS = 86_400_000
/** Two seconds: then there was nothing to seal, or a transaction that goes on for long. */
const SEAL_ATTEMPTS = 20
const SEAL_PAUSE_MS = 100

/** `sekisho audit …`: the log of what was done, and the proof that nobody changed it. */
export function auditCommand(): Command {
  return new Command('audit')
    .description('the log of what was done, and the proof that nobody changed it')
    .addCommand(
      new Command('verify')
        .description(
          'find any record that was edited, deleted, inserted or moved, and name it; status 1 when there is one',
        )
        .option('--file <export>', 'an export instead of the database: needs neither database nor configuration')
        .option('--keys <jwks>', 'public keys from elsewhere: those in the export vouch only for themselves')
        .option('--expect-head <number:digest>', 'what “verify” said last time: finds a log that was cut', parseHead)
        .option('--json', 'print JSON')
        .action(refusing(verify)),
    )
    .addCommand(
      new Command('export')
        .description('every record, with its seals')
        .addOption(
          new Option('--format <format>', 'csv holds the records alone: it cannot be verified')
            .choices(['jsonl', 'csv'])
            .default('jsonl'),
        )
        .option('--output <file>', 'a file instead of standard output; closed to other users')
        .option('--resume', 'go on where the file ends (jsonl)')
        .action(refusing(exportLog)),
    )
    .addCommand(
      new Command('seal').description('seal what is settled now; a running server does it by itself').action(
        refusing(async () => {
          const config = readConfig(process.env)
          const sealed = await withDatabase(config, async (database) => {
            const sealer = openAuditSealer({ database, config, now: () => new Date() })
            return sealNow(sealer)
          })
          console.log(`${sealed} sealed`)
        }),
      ),
    )
    .addCommand(
      new Command('prune')
        .description('take out what is older than it must be kept; the seals stay, each with a signed tombstone')
        .requiredOption('--keep-days <days>', 'the age from which records go', parseDays)
        .requiredOption('--reason <text>', 'why they may go: stands in every tombstone')
        .action(
          refusing(async ({ keepDays, reason }: { keepDays: number; reason: string }) => {
            const config = readConfig(process.env)
            const now = new Date()
            const pruned = await withDatabase(config, (database) =>
              openAuditSealer({ database, config, now: () => now }).prune(
                new Date(now.getTime() - keepDays * DAY_MS),
                reason,
              ),
            )
            console.log(`${pruned} events taken out`)
          }),
        ),
    )
}

/** The first call looks how far the log goes; a later one seals it, once everybody who was writing then has ended. */
async function sealNow(sealer: AuditSealer): Promise<number> {
  await sealer.seal()
  for (let attempt = 0; attempt < SEAL_ATTEMPTS; attempt += 1) {
    const sealed = await sealer.seal()
    if (sealed > 0) return sealed
    await pause(SEAL_PAUSE_MS)
  }
  return 0
}

async function verify({ file, keys, expectHead, json }: VerifyOptions): Promise<void> {
  const given = keys === undefined ? undefined : await readAuditKeys(keys)
  const verification =
    file === undefined
      ? await withDatabase(readConfig(process.env), (database) => verifyDatabase(database, given, expectHead))
      : await verifyFile(file, given, expectHead)
  console.log(json === true ? JSON.stringify(verification, bigintsAsText, 2) : describeVerification(verification))
  if (file !== undefined && given === undefined) {
    console.error('The keys came from the export itself: compare their ids with /jwks, or name yours with --keys.')
  }
  if (verification.findings.length > 0) process.exitCode = 1
}

async function verifyDatabase(
  database: Database,
  given: readonly PublicAuditKey[] | undefined,
  expectedHead: VerifyOptions['expectHead'],
): Promise<AuditVerification> {
  const keys = importAuditKeys(given ?? (await keysOfDatabase(database)))
  return readAuditLog(database, async (reader) =>
    verifyAuditLog({
      seals: reader.seals(),
      events: reader.events(),
      tombstones: await reader.tombstones(),
      keys,
      expectedHead,
    }),
  )
}

async function verifyFile(
  file: string,
  given: readonly PublicAuditKey[] | undefined,
  expectedHead: VerifyOptions['expectHead'],
): Promise<AuditVerification> {
  let own: readonly PublicAuditKey[] = []
  const tombstones = new Map<number, Extract<ExportLine, { tombstone: unknown }>['tombstone']>()
  for await (const line of readExportFile(file)) {
    if ('keys' in line) own = line.keys
    if ('tombstone' in line) tombstones.set(line.tombstone.sealNumber, line.tombstone)
  }
  return verifyAuditLog({
    seals: only(file, (line) => ('seal' in line ? line.seal : undefined)),
    events: only(file, (line) => ('event' in line ? line.event : undefined)),
    tombstones,
    keys: importAuditKeys(given ?? own),
    expectedHead,
  })
}

async function* only<Wanted>(file: string, pick: (line: ExportLine) => Wanted | undefined): AsyncGenerator<Wanted> {
  for await (const line of readExportFile(file)) {
    const wanted = pick(line)
    if (wanted !== undefined) yield wanted
  }
}

async function exportLog({ format, output, resume }: ExportOptions): Promise<void> {
  if (resume === true && (output === undefined || format === 'csv')) {
    throw new CommandRefused(EX_USAGE, '--resume needs --output and the format jsonl.')
  }
  await withDatabase(readConfig(process.env), async (database) => {
    const target = await openExportTarget(output, { resume: resume === true })
    const keys = await keysOfDatabase(database)
    if (target.isNew)
      await target.write(format === 'csv' ? CSV_HEADER : writeExportLine({ format: EXPORT_FORMAT, keys: [...keys] }))
    await readAuditLog(database, async (reader) => {
      const source = {
        events: reader.events(target.place.sequence),
        seals: reader.seals(),
        tombstones: await reader.tombstones(),
      }
      for await (const line of exportLines(source, target.place)) {
        if (format === 'jsonl') await target.write(writeExportLine(line))
        else if ('event' in line) await target.write(writeCsvLine(line.event))
      }
    })
    await target.close()
  })
}

function parseHead(text: string): { number: number; digest: string } {
  const [, number, digest] = /^([1-9][0-9]{0,14}):([\w-]{43})$/.exec(text) ?? []
  if (number === undefined || digest === undefined) throw new InvalidArgumentError('write it as “verify” prints it.')
  return { number: Number(number), digest }
}

function parseDays(text: string): number {
  if (!/^[1-9][0-9]{0,5}$/.test(text)) throw new InvalidArgumentError('a whole number of days.')
  return Number(text)
}

function bigintsAsText(_name: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value
}
