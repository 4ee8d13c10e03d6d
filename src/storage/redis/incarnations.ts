import { setTimeout as pause } from 'node:timers/promises'
import { Refusal } from '../../error-registry/refusal.ts'
import type { Database, Queryable } from '../database.ts'
import type { RedisClient } from './connect-redis.ts'
import { REPLAY_BUCKETS, replayMarkerKey } from './keys.ts'
import { translateRedisFault } from './redis-fault.ts'

/** Any number that nothing else in the database locks: "sekisho redis incarnations". */
const ADVISORY_LOCK = 7_305_517_003

/** Within which time a server must have been seen to be known again under another replication id. */
const KNOWN_AGAIN_MS = 5 * 60_000
/** How often a process looks which Redis this is, and says that it still sees it (`seen_at`). */
export const LOOK_MS = 2_000
/** Looks after which nobody sees a server any more. */
const LOOKS_TO_BE_GONE = 3

export interface Incarnations {
  /** For scripts: `<replication id>=<number> ` for each that is believed. */
  believed(): string
  /**
   * Looks which servers there are now, and writes down which of them are believed from now on.
   *
   * @throws Refusal SERVER_SHORT_LIVED_ELSEWHERE when others of this database use another Redis, SERVER_STORAGE_UNAVAILABLE
   */
  recognise(): Promise<void>
  /** Whether the last look found others at another Redis. */
  isElsewhere(): boolean
}

/**
 * Which Redis this is. A replication id is drawn anew when a master starts and when a replica is promoted, so it names one unbroken history
 * of writes. PostgreSQL remembers which histories are believed; an unknown one gets a number, those that it took the place of
 * lose theirs for good, and with it everything that was written under it. A history that came back (a partition that healed) begins anew.
 *
 * One that others still see was not replaced: then this process was led to another Redis than they, by its configuration or by a partition, and
 * has no say. Who starts waits for a moment to find out; who saw its server all the time, and finds it superseded, knows.
 */
export function createIncarnations({
  client,
  database,
  now,
  onSuperseded,
  lookMs = LOOK_MS,
}: {
  readonly client: RedisClient
  readonly database: Database
  readonly now: () => Date
  readonly lookMs?: number | undefined
  /** Everything that these had written is worth nothing now: people tap again. */
  readonly onSuperseded: (count: number) => void
}): Incarnations {
  let believed = ''
  let underWay: Promise<void> | undefined
  let elsewhere = false
  /** Replication ids of servers that this process has used. */
  const used = new Set<string>()

  const adopt = (rows: readonly IncarnationRow[]): void => {
    believed = rows.map(({ number, replication_id: id }) => `${id}=${number} `).join('')
  }

  async function look(): Promise<void> {
    const [rows, present] = await Promise.all([readBelieved(database), presentServers(client)])
    const isKnown = present.every(({ replicationId }) => rows.some((row) => row.replication_id === replicationId))
    if (!isKnown || rows.some((row) => now().getTime() - row.seen_at.getTime() >= lookMs))
      await writeDown(present, rows)
    else adopt(rows)
    for (const { replicationId } of present) used.add(replicationId)
  }

  async function writeDown(present: readonly PresentServer[], rows: readonly IncarnationRow[]): Promise<void> {
    const isSeenByOthers = await whoIsSeen(present, rows)
    const { believed: believedNow, lost } = await database.transaction((transaction) =>
      register(transaction, { client, at: now(), isSeenByOthers }),
    )
    adopt(believedNow)
    if (lost === 'seen by others') throw elsewhereRefusal()
    if (lost > 0) onSuperseded(lost)
  }

  /** @returns whether a history which is not here is used by others all the same */
  async function whoIsSeen(
    present: readonly PresentServer[],
    rows: readonly IncarnationRow[],
  ): Promise<(row: IncarnationRow) => boolean> {
    const strangers = present.filter((server) => !rows.some((row) => isSame(server, row)))
    const isRecent = (row: IncarnationRow): boolean =>
      now().getTime() - row.seen_at.getTime() < LOOKS_TO_BE_GONE * lookMs
    // the very server that this process used was superseded, and is still here: whoever did it uses another one
    if (strangers.some(({ replicationId }) => used.has(replicationId))) return isRecent
    const absent = rows.filter((row) => isRecent(row) && !present.some((server) => isSame(server, row)))
    // what took the place of the server that this process used is its successor
    if (used.size > 0 || strangers.length === 0 || absent.length === 0) return () => false
    await pause(LOOKS_TO_BE_GONE * lookMs)
    const later = new Map((await readBelieved(database)).map((row) => [row.number, row.seen_at.getTime()]))
    const seen = new Set(absent.filter((row) => (later.get(row.number) ?? 0) > row.seen_at.getTime()).map(numberOf))
    return ({ number }) => seen.has(number)
  }

  return {
    believed: () => believed,
    isElsewhere: () => elsewhere,
    recognise: () =>
      (underWay ??= look()
        .then(
          () => {
            elsewhere = false
          },
          (fault: unknown) => {
            elsewhere = fault instanceof Refusal && fault.code === 'SERVER_SHORT_LIVED_ELSEWHERE'
            throw fault
          },
        )
        .finally(() => {
          underWay = undefined
        })),
  }
}

interface Registration {
  readonly client: RedisClient
  readonly at: Date
  readonly isSeenByOthers: (row: IncarnationRow) => boolean
}

interface Registered {
  /** Those that are believed from now on. */
  readonly believed: readonly IncarnationRow[]
  /** How many are not any more; or that nothing was changed. */
  readonly lost: number | 'seen by others'
}

async function register(transaction: Queryable, { client, at, isSeenByOthers }: Registration): Promise<Registered> {
  await transaction.query('SELECT pg_advisory_xact_lock($1)', [ADVISORY_LOCK])
  const known = await readBelieved(transaction)
  const present = await presentServers(client)
  const standing = new Set<number>()
  const unknown: PresentServer[] = []
  for (const server of present) {
    const row = known.find((one) => one.replication_id === server.replicationId) ?? continuedBy(server, known, at)
    if (row === undefined) unknown.push(server)
    else standing.add(row.number)
    if (row !== undefined) {
      await transaction.query('UPDATE redis_incarnations SET replication_id = $2, seen_at = $3 WHERE number = $1', [
        row.number,
        server.replicationId,
        at,
      ])
    }
  }
  // one that is only out of reach for a moment keeps what it has, as long as nobody took its place
  const gone = unknown.length === 0 ? [] : known.filter(({ number }) => !standing.has(number))
  if (gone.some(isSeenByOthers)) return { believed: known, lost: 'seen by others' }
  if (unknown.length > 0) {
    const { rows } = await transaction.query<{ any: boolean }>(REMEMBERED_BEFORE)
    // proofs that were used may be forgotten, unless there were none or this server joined those that remember
    const forgets = rows[0]?.any === true && (gone.length > 0 || known.length === 0)
    await markReplayMemory(client, forgets)
    await transaction.query('UPDATE redis_incarnations SET superseded_at = $2 WHERE number = ANY ($1::int[])', [
      gone.map(numberOf),
      at,
    ])
    for (const { replicationId, runId } of unknown) {
      await transaction.query(
        'INSERT INTO redis_incarnations (replication_id, run_id, registered_at, seen_at) VALUES ($1, $2, $3, $3)',
        [replicationId, runId, at],
      )
    }
  }
  return { believed: await readBelieved(transaction), lost: gone.length }
}

function elsewhereRefusal(): Refusal {
  return new Refusal(
    'SERVER_SHORT_LIVED_ELSEWHERE',
    'other servers of this database use another Redis than this one. Give every server the same REDIS_URL; ' +
      'to exchange Redis, stop every server first (docs/operations.md, “Deployment”)',
  )
}

/** By another Redis, or by PostgreSQL as long as there was none. */
const REMEMBERED_BEFORE = `SELECT EXISTS (SELECT 1 FROM redis_incarnations)
  OR EXISTS (SELECT 1 FROM oidc_artifacts WHERE model = 'ReplayDetection')
  OR EXISTS (SELECT 1 FROM short_lived_place WHERE forgets_before IS NOT NULL) AS any`

/**
 * A master also draws another id when its first replica comes, and an hour after its last one went: the same process, and no former id
 * beside the new one, which a promotion would leave. Nothing is lost then.
 */
function continuedBy(
  { runId, formerId }: PresentServer,
  known: readonly IncarnationRow[],
  at: Date,
): IncarnationRow | undefined {
  if (!/^0*$/.test(formerId)) return undefined
  return known.find((row) => row.run_id === runId && at.getTime() - row.seen_at.getTime() < KNOWN_AGAIN_MS)
}

async function readBelieved(queryable: Queryable): Promise<readonly IncarnationRow[]> {
  const { rows } = await queryable.query<IncarnationRow>(
    'SELECT number, replication_id, run_id, seen_at FROM redis_incarnations WHERE superseded_at IS NULL',
  )
  return rows
}

interface IncarnationRow {
  readonly number: number
  readonly replication_id: string
  readonly run_id: string
  readonly seen_at: Date
}

const numberOf = ({ number }: IncarnationRow): number => number

function isSame({ replicationId, runId }: PresentServer, row: IncarnationRow): boolean {
  return row.replication_id === replicationId || row.run_id === runId
}

interface PresentServer {
  readonly replicationId: string
  /** What it was called before its last promotion; zeros when there was none. */
  readonly formerId: string
  readonly runId: string
}

/** Every master there is now. */
async function presentServers(client: RedisClient): Promise<readonly PresentServer[]> {
  const masters = 'nodes' in client ? client.nodes('master') : [client]
  const told = await Promise.allSettled(
    masters.map(async (master) => (await Promise.all([master.info('server'), master.info('replication')])).join('\n')),
  )
  const servers = told.flatMap((answer) => {
    if (answer.status === 'rejected' || !/^role:master\r?$/m.test(answer.value)) return []
    const field = (name: string): string => new RegExp(`^${name}:([0-9a-f]+)`, 'm').exec(answer.value)?.[1] ?? ''
    return [
      { replicationId: field('master_replid'), formerId: field('master_replid2'), runId: field('run_id') } as const,
    ]
  })
  if (servers.length > 0) return servers
  const [first] = told
  throw first?.status === 'rejected'
    ? translateRedisFault(first.reason)
    : new Refusal('SERVER_STORAGE_UNAVAILABLE', 'Redis: no master answers')
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
