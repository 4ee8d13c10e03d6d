import { Refusal } from '../../error-registry/refusal.ts'
import type { Database, Queryable } from '../database.ts'
import type { RedisClient } from './connect-redis.ts'
import { REPLAY_BUCKETS, replayMarkerKey } from './keys.ts'
import { translateRedisFault } from './redis-fault.ts'

/** Any number that nothing else in the database locks: "sekisho redis incarnations". */
const ADVISORY_LOCK = 7_305_517_003

export interface Incarnations {
  /** For scripts: `<replication id>=<number> ` for each that is believed. */
  believed(): string
  /** A server is not among them: looks which servers there are now, and writes down which of them are believed from now on. */
  recognise(): Promise<void>
  /** What other processes wrote down meanwhile. */
  reload(): Promise<void>
}

/**
 * Which Redis this is. A replication id is drawn anew when a master starts and when a replica is promoted, so it names one unbroken history
 * of writes. PostgreSQL remembers which histories are believed; an unknown one gets a number, those that it took the place of
 * lose theirs for good, and with it everything that was written under it. A history that came back (a partition that healed) begins anew.
 */
export function createIncarnations({
  client,
  database,
  now,
  onSuperseded,
}: {
  readonly client: RedisClient
  readonly database: Database
  readonly now: () => Date
  /** Everything that these had written is worth nothing now: people tap again. */
  readonly onSuperseded: (count: number) => void
}): Incarnations {
  let believed = ''
  let underWay: Promise<void> | undefined

  const read = async (queryable: Queryable): Promise<readonly IncarnationRow[]> => {
    const { rows } = await queryable.query<IncarnationRow>(
      'SELECT number, replication_id FROM redis_incarnations WHERE superseded_at IS NULL',
    )
    return rows
  }
  const adopt = (rows: readonly IncarnationRow[]): void => {
    believed = rows.map(({ number, replication_id: id }) => `${id}=${number} `).join('')
  }

  async function register(): Promise<void> {
    let lost = 0
    const rows = await database.transaction(async (transaction) => {
      await transaction.query('SELECT pg_advisory_xact_lock($1)', [ADVISORY_LOCK])
      const known = await read(transaction)
      const present = await replicationIds(client)
      const unknown = present.filter((id) => !known.some(({ replication_id }) => replication_id === id))
      if (unknown.length === 0) return known
      const gone = known.filter(({ replication_id }) => !present.includes(replication_id))
      const { rows: ever } = await transaction.query<{ any: boolean }>(
        'SELECT EXISTS (SELECT 1 FROM redis_incarnations) AS any',
      )
      // proofs that were used may be forgotten, unless there were none or this server joined those that remember
      const forgets = ever[0]?.any === true && (gone.length > 0 || known.length === 0)
      await markReplayMemory(client, forgets)
      lost = gone.length
      await transaction.query(
        'UPDATE redis_incarnations SET superseded_at = $2 WHERE number = ANY ($1::int[]) AND superseded_at IS NULL',
        [gone.map(({ number }) => number), now()],
      )
      await transaction.query(
        'INSERT INTO redis_incarnations (replication_id, registered_at) SELECT unnest($1::text[]), $2',
        [unknown, now()],
      )
      return read(transaction)
    })
    adopt(rows)
    if (lost > 0) onSuperseded(lost)
  }

  return {
    believed: () => believed,
    recognise: () =>
      (underWay ??= register().finally(() => {
        underWay = undefined
      })),
    reload: async () => {
      adopt(await read(database))
    },
  }
}

interface IncarnationRow {
  readonly number: number
  readonly replication_id: string
}

/** Of every master there is now. */
async function replicationIds(client: RedisClient): Promise<readonly string[]> {
  const masters = 'nodes' in client ? client.nodes('master') : [client]
  const told = await Promise.allSettled(masters.map((master) => master.info('replication')))
  const ids = told.flatMap((answer) => {
    if (answer.status === 'rejected' || !/^role:master\r?$/m.test(answer.value)) return []
    const [, id] = /^master_replid:([0-9a-f]+)/m.exec(answer.value) ?? []
    return id === undefined ? [] : [id]
  })
  if (ids.length === 0) {
    const [first] = told
    throw first?.status === 'rejected'
      ? translateRedisFault(first.reason)
      : new Refusal('SERVER_STORAGE_UNAVAILABLE', 'Redis: no master answers')
  }
  return ids
}

async function markReplayMemory(client: RedisClient, forgets: boolean): Promise<void> {
  const buckets = Array.from({ length: REPLAY_BUCKETS }, (_, bucket) => replayMarkerKey(bucket))
  try {
    // without a marker the next proof makes one, with its own time
    if (forgets) await Promise.all(buckets.map((key) => client.del(key)))
    else await Promise.all(buckets.map((key) => client.set(key, '0', 'NX')))
  } catch (fault) {
    throw translateRedisFault(fault)
  }
}
