/**
 * Finding the account of a card: the one query of an ordinary log-in among a thousand and among millions of cards, and what a renewed card
 * costs at each depth of its chain. Real PostgreSQL, private to this run; rows come by COPY. `--scale 10000000` for ten million.
 */
import { execFileSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { chmodSync, createWriteStream, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Bench } from '../bench.ts'
import { medianOf, percentileOf } from '../judge/statistics.ts'
import { createStatementReader } from '../wire/count-statements.ts'
import { tapConnection } from '../wire/tap-connection.ts'
import type { CertificateIdentity } from '../../src/certificate/judgement.ts'
import type { Database } from '../../src/storage/database.ts'
import { migrateUp } from '../../src/storage/migrate.ts'
import { openDatabase } from '../../src/storage/open-database.ts'
import { MAX_CHAIN_DEPTH } from '../../src/subject/chain/trace-chain.ts'
import { pepperIdentity } from '../../src/subject/credential-handle.ts'
import { createPostgresDatabase } from '../../test/support/postgres.ts'
import { createScriptedLinkage } from '../../test/support/scripted-linkage.ts'
import { accepted, createSubjectWorld, PEPPER } from '../../test/support/subject-world.ts'

const SMALL = 1000
const DEFAULT_SCALE = 1_000_000
const QUICK_SCALE = 100_000
const WARM_UP = 500
const LOOK_UPS = 5000

export async function measureSubject(bench: Bench): Promise<void> {
  const scale = bench.scale ?? (bench.isQuick ? QUICK_SCALE : DEFAULT_SCALE)
  const closers: (() => Promise<void>)[] = []
  const country = async (size: number): Promise<Country> => {
    const postgres = await createPostgresDatabase()
    const database = await openDatabase({ databaseUrl: postgres.databaseUrl })
    closers.push(async () => {
      await database.close()
      await postgres.drop()
    })
    await migrateUp(database.pool)
    await fill(database, size, bench.say)
    return { database, size, databaseUrl: postgres.databaseUrl }
  }
  try {
    const [small, large] = [await country(SMALL), await country(scale)]
    bench.fact('subject look-up: the large country', scale, 'credentials')
    await measureLookUps(bench, [small, large])
    await measureChains(bench, small)
  } finally {
    for (const close of closers.reverse()) await close()
  }
}

/** The n-th card of a country. */
function card(n: number): CertificateIdentity {
  const serialNumber = Buffer.alloc(5)
  serialNumber.writeUInt32BE(n, 1)
  serialNumber[0] = 1
  return {
    medium: 'card',
    issuerNameDer: Buffer.from('3010310e300c06035504030c0563612d3031', 'hex'),
    serialNumber,
    issuerKeyId: Buffer.alloc(20, 7),
    publicKeyDer: createHash('sha256').update(`key ${n}`).digest(),
    notAfter: new Date('2030-04-01T14:59:59Z'),
  }
}

/** Whose turn is the n-th: spread over the whole country, and never the same ones as in the cache of a moment ago. */
function placeOf(n: number, size: number): number {
  return (n * 7_919_813) % size
}

interface Country {
  readonly database: Database
  readonly databaseUrl: string
  readonly size: number
}

/** The countries take turns, so that whatever else this machine does falls on both. */
async function measureLookUps(bench: Bench, countries: readonly [Country, Country]): Promise<void> {
  const measured = countries.map(({ database, size }) => ({
    size,
    timesMs: [] as number[],
    world: createSubjectWorld(database),
  }))
  for (let n = 0; n < WARM_UP + LOOK_UPS; n++) {
    for (const { size, timesMs, world } of measured) {
      const identity = card(placeOf(n, size))
      const beganAt = performance.now()
      const { outcome } = await world.resolve(identity)
      const tookMs = performance.now() - beganAt
      if (outcome !== 'known') throw new Error(`a card that was copied in is ${outcome}`)
      if (n >= WARM_UP) timesMs.push(tookMs)
    }
  }
  const [small, large] = measured.map(({ size, timesMs }) => {
    const median = medianOf(timesMs)
    bench.say(
      `${size.toLocaleString('en')} cards: look-up p50 ${median.toFixed(3)} ms, p95 ${percentileOf(timesMs, 0.95).toFixed(3)} ms ` +
        `(${timesMs.length} look-ups)`,
    )
    return { size, median }
  })
  if (small === undefined || large === undefined) throw new Error('two countries')
  bench.fact(`subject look-up among ${small.size.toLocaleString('en')}: p50`, small.median, 'ms')
  bench.fact(`subject look-up among ${large.size.toLocaleString('en')}: p50`, large.median, 'ms')
  bench.reach('lookUp', large.median / small.median)
}

/** Accounts and credentials, one each, as a restore brings them: rows first, then what is built upon them. */
async function fill(database: Database, size: number, tell: (line: string) => void): Promise<void> {
  const startedAt = performance.now()
  const say = (what: string): void => {
    if (size > SMALL) tell(`  ${((performance.now() - startedAt) / 1000).toFixed(0).padStart(4)} s: ${what}`)
  }
  const directory = mkdtempSync(join(tmpdir(), 'sekisho-bench-'))
  chmodSync(directory, 0o755)
  // made here, read there, at the same time and without the disk
  const pipe = join(directory, 'credentials')
  execFileSync('mkfifo', ['-m', '666', pipe])
  const client = await database.pool.connect()
  try {
    await client.query('SET statement_timeout = 0')
    await client.query("SET session_replication_role = replica; SET maintenance_work_mem = '1GB'")
    // emptied and filled in one transaction: nothing needs to be logged (wal_level minimal)
    await client.query('BEGIN')
    const builtOn = (await client.query<{ drop: string; make: string }>(BUILT_ON)).rows
    for (const { drop } of builtOn) await client.query(drop)
    await client.query('TRUNCATE accounts, credentials CASCADE')
    await Promise.all([
      client.query(
        `COPY credentials (id, account_id, kind, handle, pepper_version, issuer_key_id, public_key_digest, not_after, status,
           first_seen_at, last_used_at) FROM '${pipe}'`,
      ),
      pipeline(Readable.from(rowsOf(size, say)), createWriteStream(pipe)),
    ])
    await client.query('INSERT INTO accounts (id, created_at) SELECT account_id, first_seen_at FROM credentials')
    say('rows are in; indexes …')
    for (const { make } of builtOn.toReversed()) await client.query(make)
    await client.query('COMMIT')
    for (const table of ['accounts', 'credentials']) await client.query(`VACUUM ANALYZE ${table}`)
    say('filled')
  } finally {
    client.release(true)
    rmSync(directory, { recursive: true })
  }
}

/**
 * Foreign keys, then the indexes and keys they need: dropped in this order, made again in the other one. Foreign keys are taken back
 * without looking at the rows.
 */
const BUILT_ON = `
  WITH filled AS (SELECT unnest(ARRAY['accounts', 'credentials']::regclass[]) AS id)
  SELECT 1 AS place, format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname) AS drop,
    format('ALTER TABLE %s ADD CONSTRAINT %I %s NOT VALID', conrelid::regclass, conname, pg_get_constraintdef(oid)) AS make
  FROM pg_constraint WHERE contype = 'f' AND (conrelid IN (SELECT id FROM filled) OR confrelid IN (SELECT id FROM filled))
  UNION ALL
  SELECT 2, format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname),
    format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid))
  FROM pg_constraint WHERE contype IN ('p', 'u') AND conrelid IN (SELECT id FROM filled)
  UNION ALL
  SELECT 3, format('DROP INDEX %s', indexrelid::regclass), pg_get_indexdef(indexrelid)
  FROM pg_index WHERE indrelid IN (SELECT id FROM filled)
    AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid AND contype IN ('p', 'u'))
  ORDER BY place`

/** In chunks of a few thousand lines of COPY's text format. */
function* rowsOf(size: number, say: (what: string) => void): Generator<string> {
  const CHUNK = 5000
  const keyId = '07'.repeat(20)
  // the others are as good as anybody's, and cost nothing to make
  const lookedUp = new Set(Array.from({ length: WARM_UP + LOOK_UPS }, (_, n) => placeOf(n, size)))
  for (let start = 0; start < size; start += CHUNK) {
    const lines: string[] = []
    for (let n = start; n < Math.min(size, start + CHUNK); n++) {
      const { handle, publicKeyDigest } = lookedUp.has(n) ? pepperIdentity(PEPPER, card(n)) : anybody()
      const [handleHex, keyHex] = [hexOf(handle), hexOf(publicKeyDigest)]
      // ids spread like random ones: PostgreSQL reads 32 hexadecimal digits as a UUID
      lines.push(
        `${keyHex.slice(0, 32)}\t${handleHex.slice(0, 32)}\tcard-auth\t\\\\x${handleHex}\t1\t\\\\x${keyId}\t\\\\x${keyHex}\t` +
          '2030-04-01\tcurrent\t2026-01-01\t2026-01-01\n',
      )
    }
    yield lines.join('')
    if ((start + CHUNK) % Math.ceil(size / 10) < CHUNK) say(`${Math.min(size, start + CHUNK)} cards`)
  }
}

function anybody(): { readonly handle: Uint8Array; readonly publicKeyDigest: Uint8Array } {
  return { handle: randomBytes(32), publicKeyDigest: randomBytes(32) }
}

function hexOf(octets: Uint8Array): string {
  return Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength).toString('hex')
}

/** National questions and transactions of a renewed card at each depth, the first time and the second. */
async function measureChains(bench: Bench, { databaseUrl }: Country): Promise<void> {
  const address = new URL(databaseUrl)
  const wire = await tapConnection(Number(address.port), createStatementReader)
  address.port = String(wire.port)
  const database = await openDatabase({ databaseUrl: address.href })
  const worst = { questions: 0, transactions: 0, again: 0 }
  try {
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
      let reachedId = ''
      const walk = await wire.meter.during(async () => {
        reachedId = (await accepted(world.resolve(newest))).accountId
      })
      const questions = nation.asked - before
      const afterwards = await wire.meter.during(() => accepted(world.resolve(newest)))
      const transactions = walk.commands.filter((statement) => /^(BEGIN|START)/i.test(statement)).length
      const again = afterwards.commands.length + (nation.asked - before - questions)
      if (reachedId !== accountId) throw new Error(`depth ${depth} led to somebody else`)
      bench.say(
        `depth ${String(depth).padStart(2)}: ${questions} questions, ${transactions} transactions, then ${again} queries`,
      )
      worst.questions = Math.max(worst.questions, questions - depth)
      worst.transactions = Math.max(worst.transactions, transactions)
      worst.again = Math.max(worst.again, again)
    }
  } finally {
    await database.close()
    await wire.close()
  }
  bench.reach('chainQuestions', worst.questions)
  bench.reach('chainTransactions', worst.transactions)
  bench.reach('chainAgain', worst.again)
}
