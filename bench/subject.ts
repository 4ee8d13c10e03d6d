/**
 * Finding the account of a card: the one query of an ordinary log-in among a thousand and among millions of cards, and what a renewed card
 * costs at each depth of its chain. Real PostgreSQL, private to this run; rows come by COPY. `--scale 10000000` for ten million.
 */
import { createHash } from 'node:crypto'
import { chmodSync, createWriteStream, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { parseArgs } from 'node:util'
import type { CertificateIdentity } from '../src/certificate/judgement.ts'
import type { Database } from '../src/storage/database.ts'
import { migrateUp } from '../src/storage/migrate.ts'
import { openDatabase } from '../src/storage/open-database.ts'
import { MAX_CHAIN_DEPTH } from '../src/subject/chain/trace-chain.ts'
import { pepperIdentity } from '../src/subject/credential-handle.ts'
import { createPostgresDatabase } from '../test/support/postgres.ts'
import { createScriptedLinkage } from '../test/support/scripted-linkage.ts'
import { accepted, createSubjectWorld, PEPPER } from '../test/support/subject-world.ts'

const SMALL = 1000
const DEFAULT_SCALE = 1_000_000
const LOOK_UPS = 3000

export async function run(): Promise<void> {
  const { values } = parseArgs({
    args: process.argv.slice(2),
    options: { scale: { type: 'string', default: String(DEFAULT_SCALE) } },
    allowPositionals: true,
  })
  const scale = Number(values.scale)
  if (!Number.isInteger(scale) || scale < SMALL) throw new RangeError(`--scale must be a whole number from ${SMALL}`)
  const postgres = await createPostgresDatabase()
  const database = await openDatabase({ databaseUrl: postgres.databaseUrl })
  try {
    await migrateUp(database.pool)
    await measureLookUps(database, scale)
    await measureChains(database)
  } finally {
    await database.close()
    await postgres.drop()
  }
}

/** The n-th card of a country. */
function card(n: number): CertificateIdentity {
  const serialNumber = Buffer.alloc(5)
  serialNumber.writeUInt32BE(n, 1)
  serialNumber[0] = 1
  return {
    issuerNameDer: Buffer.from('3010310e300c06035504030c0563612d3031', 'hex'),
    serialNumber,
    issuerKeyId: Buffer.alloc(20, 7),
    publicKeyDer: createHash('sha256').update(`key ${n}`).digest(),
    notAfter: new Date('2030-04-01T14:59:59Z'),
  }
}

async function measureLookUps(database: Database, scale: number): Promise<void> {
  const world = createSubjectWorld(database)
  const sizes = [SMALL, scale]
  let filled = 0
  const medians: number[] = []
  for (const size of sizes) {
    const startedAt = performance.now()
    await fill(database, filled, size)
    filled = size
    const filledMs = performance.now() - startedAt
    const timesMs: number[] = []
    for (let n = 0; n < LOOK_UPS; n++) {
      // spread over the whole country, and never the same ones as in the cache of a moment ago
      const identity = card((n * 7_919_813) % size)
      const beganAt = performance.now()
      const { outcome } = await world.resolve(identity)
      timesMs.push(performance.now() - beganAt)
      if (outcome !== 'known') throw new Error(`a card that was copied in is ${outcome}`)
    }
    const sorted = timesMs.toSorted((one, other) => one - other)
    const at = (share: number): number => sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN
    medians.push(at(0.5))
    console.log(
      `${String(size).padStart(9)} cards: look-up p50 ${at(0.5).toFixed(2)} ms, p95 ${at(0.95).toFixed(2)} ms ` +
        `(filled in ${(filledMs / 1000).toFixed(1)} s)`,
    )
  }
  console.log(
    `ratio of the medians, ${sizes[1]} : ${sizes[0]} cards = ${((medians[1] ?? 0) / (medians[0] ?? 1)).toFixed(2)}`,
  )
}

/** Accounts and credentials `from … to - 1`, one each, by COPY from files that the server (on this machine) reads. */
async function fill(database: Database, from: number, to: number): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'sekisho-bench-'))
  chmodSync(directory, 0o755)
  const [accounts, credentials] = [join(directory, 'accounts'), join(directory, 'credentials')]
  try {
    await pipeline(Readable.from(rowsOf(from, to, 'accounts')), createWriteStream(accounts))
    await pipeline(Readable.from(rowsOf(from, to, 'credentials')), createWriteStream(credentials))
    const client = await database.pool.connect()
    try {
      await client.query('SET statement_timeout = 0')
      // as a restore does it: rows first, then what is built upon them. The columns are checked by nobody but the unique index.
      await client.query("SET session_replication_role = replica; SET maintenance_work_mem = '256MB'")
      for (const statement of DROP_INDEXES) await client.query(statement)
      await client.query(`COPY accounts (id, created_at) FROM '${accounts}'`)
      await client.query(
        `COPY credentials (id, account_id, kind, handle, pepper_version, issuer_key_id, public_key_digest, not_after, status,
           first_seen_at, last_used_at) FROM '${credentials}'`,
      )
      for (const statement of CREATE_INDEXES) await client.query(statement)
      await client.query('VACUUM ANALYZE accounts')
      await client.query('VACUUM ANALYZE credentials')
    } finally {
      client.release(true)
    }
  } finally {
    rmSync(directory, { recursive: true })
  }
}

const DROP_INDEXES = [
  'ALTER TABLE credentials DROP CONSTRAINT credentials_handle_key',
  'DROP INDEX credentials_by_account',
  'DROP INDEX credentials_by_pepper_version',
]
/** As migrations/0001_initial.sql has them. */
const CREATE_INDEXES = [
  'ALTER TABLE credentials ADD CONSTRAINT credentials_handle_key UNIQUE (handle)',
  'CREATE INDEX credentials_by_account ON credentials (account_id)',
  'CREATE INDEX credentials_by_pepper_version ON credentials (pepper_version)',
]

/** In chunks of a few thousand lines of COPY's text format. */
function* rowsOf(from: number, to: number, table: 'accounts' | 'credentials'): Generator<string> {
  const CHUNK = 5000
  const keyId = '07'.repeat(20)
  for (let start = from; start < to; start += CHUNK) {
    const lines: string[] = []
    for (let n = start; n < Math.min(to, start + CHUNK); n++) {
      if (table === 'accounts') {
        lines.push(`${uuidOf(n)}\t2026-01-01`)
        continue
      }
      const { handle, publicKeyDigest } = pepperIdentity(PEPPER, card(n))
      const [handleHex, keyHex] = [handle, publicKeyDigest].map((octets) => Buffer.from(octets).toString('hex'))
      lines.push(
        [
          uuidOf(n),
          uuidOf(n),
          'card-auth',
          `\\\\x${handleHex}`,
          '1',
          `\\\\x${keyId}`,
          `\\\\x${keyHex}`,
          '2030-04-01',
          'current',
          '2026-01-01',
          '2026-01-01',
        ].join('\t'),
      )
    }
    yield `${lines.join('\n')}\n`
  }
}

/** Spread like random ones, and the same for the same card. */
function uuidOf(n: number): string {
  const hex = createHash('md5').update(String(n)).digest('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}

/** National questions of a renewed card at each depth, the first time and the second. */
async function measureChains(database: Database): Promise<void> {
  for (let depth = 1; depth <= MAX_CHAIN_DEPTH; depth++) {
    const nation = createScriptedLinkage()
    const chain = Array.from({ length: depth + 1 }, (_, n) => card(4_000_000_000 + depth * 100 + n))
    for (const [n, newer] of chain.entries()) {
      const older = chain[n - 1]
      if (older !== undefined) nation.replaces(newer, older)
    }
    const world = createSubjectWorld(database, { linkage: nation.previous })
    const [first, newest] = [chain[0], chain[depth]]
    if (first === undefined || newest === undefined) throw new Error('a chain has two ends')
    const { accountId } = await accepted(world.resolve(first))
    const before = nation.asked
    const beganAt = performance.now()
    const reached = await accepted(world.resolve(newest))
    const walkMs = performance.now() - beganAt
    const questions = nation.asked - before
    await accepted(world.resolve(newest))
    const again = nation.asked - before - questions
    if (reached.accountId !== accountId || questions !== depth || again !== 0) {
      throw new Error(`depth ${depth}: ${questions} questions, then ${again}`)
    }
    console.log(
      `depth ${String(depth).padStart(2)}: ${questions} questions, the second time ${again} (${walkMs.toFixed(1)} ms)`,
    )
  }
}
