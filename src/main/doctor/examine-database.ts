import type { Config } from '../../config/config.ts'
import type { Refusal } from '../../error-registry/refusal.ts'
import type { Database } from '../../storage/database.ts'
import { DataDirectoryInUse } from '../../storage/lock-data-directory.ts'
import { findLineageFault } from '../../storage/lineage/examine-lineage.ts'
import { migrationStatus } from '../../storage/migrate.ts'
import { examineRights, type RightsOfRole } from '../../storage/rights/examine-rights.ts'
import { openDatabase } from '../../storage/open-database.ts'
import { databaseLocation } from '../database-location.ts'
import { schemaRightsOf } from '../prepare-database.ts'
import { examineClock } from './examine-clock.ts'
import type { Finding } from './finding.ts'

/** `server_version_num` of PostgreSQL 15.0. */
const OLDEST_VERSION = 150_000

/** @returns the database too, where its schema can be used */
export async function examineDatabase(
  config: Config,
  now: () => Date,
): Promise<{ readonly findings: readonly Finding[]; readonly database: Database | undefined }> {
  let database: Database
  try {
    database = await openDatabase(databaseLocation(config))
  } catch (fault) {
    const code = fault instanceof DataDirectoryInUse ? 'DATABASE_IN_USE' : 'DATABASE_UNREACHABLE'
    return { findings: [{ code }], database: undefined }
  }
  try {
    const askedAt = now().getTime()
    const { rows } = await database.query<{ version: number; shown: string; time: Date }>(
      `SELECT current_setting('server_version_num')::int AS version, current_setting('server_version') AS shown,
              clock_timestamp() AS time`,
    )
    const { version = 0, shown = '?', time = now() } = rows[0] ?? {}
    const findings: Finding[] = [
      { code: version < OLDEST_VERSION ? 'DATABASE_OLD' : kindOf(database), values: { version: shown } },
      examineClock('PostgreSQL', { theirs: time.getTime(), askedAt, answeredAt: now().getTime(), precisionMs: 1 }),
    ]
    const { fault, pending, applied } = await migrationStatus(database.pool)
    if (fault !== undefined) findings.push({ code: 'SCHEMA_UNUSABLE', values: { fault: fault.code } })
    else if (pending.length > 0) findings.push({ code: 'SCHEMA_PENDING', values: { count: String(pending.length) } })
    else findings.push({ code: 'SCHEMA_OK', values: { newest: applied.at(-1) ?? '' } })
    const isCurrent = fault === undefined && pending.length === 0
    const { standbys } = schemaRightsOf(config, false)
    const isRestored = isCurrent && (await findLineageFault(database, standbys)) !== undefined
    if (isRestored) findings.push({ code: 'DATABASE_RESTORED' })
    const isUsable = isCurrent && !isRestored
    if (isUsable && database.kind === 'postgresql') findings.push(...judgeRights(config, await examineRights(database)))
    if (!isUsable) await database.close()
    return { findings, database: isUsable ? database : undefined }
  } catch (fault) {
    await database.close()
    const reason = (fault as Partial<Refusal>).code ?? 'unknown'
    return { findings: [{ code: 'DATABASE_UNREACHABLE', values: { reason } }], database: undefined }
  }
}

/** Whoever gets hold of a server should not be able to edit what it did. */
function judgeRights(config: Config, { role, canEditAudit, canPrune, lacking }: RightsOfRole): readonly Finding[] {
  const findings: Finding[] = [
    { code: canEditAudit ? 'AUDIT_ROWS_EDITABLE' : 'AUDIT_ROWS_PROTECTED', values: { role } },
  ]
  if (lacking.length > 0)
    findings.push({ code: 'DATABASE_RIGHTS_MISSING', values: { role, tables: lacking.join(', ') } })
  if (config.auditKeepDays !== undefined && !canPrune) findings.push({ code: 'AUDIT_PRUNE_REFUSED', values: { role } })
  return findings
}

function kindOf({ kind }: Database): 'DATABASE_OK' | 'DATABASE_EMBEDDED' {
  return kind === 'embedded' ? 'DATABASE_EMBEDDED' : 'DATABASE_OK'
}
