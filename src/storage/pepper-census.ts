import type { PepperCensus } from '../subject/pepper/pepper-census.ts'
import { appendAuditEvents } from './audit-log.ts'
import type { Database } from './database.ts'

/** How many credentials are kept under which pepper. `count` reads every row: for the command line, not for a log-in. */
export function createPepperCensus(database: Database): PepperCensus {
  return {
    async count(now) {
      const { rows } = await database.query<CountRow>(COUNT, [now])
      return rows.map(({ version, current, expired, barred, others }) => ({
        version,
        current: Number(current),
        expired: Number(expired),
        barred: Number(barred),
        others: Number(others),
      }))
    },

    async missing(known) {
      const { rows } = await database.query<{ version: number }>(MISSING, [known])
      return rows.map(({ version }) => version)
    },

    async record(step, known, at) {
      await database.transaction(async (transaction) => {
        if (step === 'retire') {
          await transaction.query(
            `INSERT INTO retired_peppers (version, retired_at) ${VERSIONS} ON CONFLICT DO NOTHING`,
            [known, at],
          )
        } else {
          // one that was given up, and is known again
          await transaction.query('DELETE FROM retired_peppers WHERE version = ANY ($1)', [known])
        }
        const [written = 0] = known
        await appendAuditEvents(transaction, [{ type: 'pepper.changed', step, version: written }], at, 'operator')
      })
    },
  }
}

interface CountRow {
  readonly version: number
  readonly current: string
  readonly expired: string
  readonly barred: string
  readonly others: string
}

const COUNT = `
  SELECT pepper_version AS version,
    count(*) FILTER (WHERE credentials.status = 'current') AS current,
    count(*) FILTER (WHERE credentials.status = 'current' AND not_after < $1) AS expired,
    count(*) FILTER (WHERE credentials.status = 'current' AND coalesce(living.status, home.status) <> 'active') AS barred,
    count(*) FILTER (WHERE credentials.status <> 'current') AS others
  FROM credentials
  JOIN accounts AS home ON home.id = credentials.account_id
  LEFT JOIN accounts AS living ON living.id = home.merged_into
  GROUP BY pepper_version ORDER BY pepper_version`

/** From one version to the next one by the index: as many steps as there are versions, however many rows. */
const WALK = `
  WITH RECURSIVE versions AS (
    (SELECT pepper_version AS version FROM credentials ORDER BY pepper_version LIMIT 1)
    UNION ALL
    SELECT (SELECT pepper_version FROM credentials WHERE pepper_version > versions.version ORDER BY pepper_version LIMIT 1)
    FROM versions WHERE versions.version IS NOT NULL
  )`

const MISSING = `${WALK}
  SELECT version FROM versions
  WHERE version <> ALL ($1::integer[]) AND NOT EXISTS (SELECT FROM retired_peppers WHERE retired_peppers.version = versions.version)
  ORDER BY version`

const VERSIONS = `SELECT version, $2::timestamptz FROM (${WALK} SELECT version FROM versions) AS kept WHERE version <> ALL ($1::integer[])`
