import { execFileSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { chmodSync, createWriteStream, mkdtempSync, rmSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import pg from 'pg'
import type { CertificateIdentity } from '../../src/certificate/judgement.ts'
import { pepperIdentity } from '../../src/subject/credential-handle.ts'
import { PEPPER } from '../../test/support/subject-world.ts'

/** So many of a country have a card that `cardOf` makes; the others are as good as anybody's. */
export const LOOKED_UP = 5500
/** A country of so many takes long enough that one wants to see it grow. */
const TOLD_FROM = 1_000_000
/** Rows at a time. */
const CHUNK = 5000
/** Octets of a SHA-256. */
const DIGEST = 32

/** The n-th card of a country. */
export function cardOf(n: number): CertificateIdentity {
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
export function placeOf(n: number, size: number): number {
  return (n * 7_919_813) % size
}

/**
 * Accounts and credentials, one each, as a restore brings them: rows first, then what is built upon them.
 *
 * @param say a line at a time: ten million take minutes
 */
export async function fillCountry(databaseUrl: string, size: number, say: (line: string) => void): Promise<void> {
  const startedAt = performance.now()
  const tell = (what: string): void => {
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(0).padStart(4)
    if (size >= TOLD_FROM) say(`  ${seconds} s  ${what}`)
  }
  const directory = mkdtempSync(join(tmpdir(), 'sekisho-bench-'))
  chmodSync(directory, 0o755)
  // made here, read there, at the same time and without the disk
  const pipe = join(directory, 'credentials')
  execFileSync('mkfifo', ['-m', '666', pipe])
  const client = new pg.Client(databaseUrl)
  await client.connect()
  try {
    await useEveryCore(client)
    await client.query('SET statement_timeout = 0')
    await client.query("SET session_replication_role = replica; SET maintenance_work_mem = '1GB'")
    // emptied and filled in one transaction: nothing needs to be logged (wal_level minimal), and no row seen to afterwards (FREEZE)
    await client.query('BEGIN')
    const builtOn = (await client.query<{ drop: string; make: string; name: string }>(BUILT_ON)).rows
    for (const { drop } of builtOn) await client.query(drop)
    await client.query('TRUNCATE accounts, credentials CASCADE')
    await Promise.all([
      client.query(
        `COPY credentials (id, account_id, kind, handle, pepper_version, issuer_key_id, public_key_digest, not_after, status,
           first_seen_at, last_used_at) FROM '${pipe}' WITH (FREEZE)`,
      ),
      pipeline(Readable.from(rowsOf(size, tell)), createWriteStream(pipe)),
    ])
    tell('credentials are in')
    await client.query('INSERT INTO accounts (id, created_at) SELECT account_id, first_seen_at FROM credentials')
    tell('accounts are in')
    for (const { make, name } of builtOn.toReversed()) {
      await client.query(make)
      if (!make.endsWith('NOT VALID')) tell(`${name} is built`)
    }
    await client.query('COMMIT')
    for (const table of ['accounts', 'credentials']) await client.query(`VACUUM (FREEZE, ANALYZE) ${table}`)
    say(`  ${size.toLocaleString('en')} people are in (${((performance.now() - startedAt) / 1000).toFixed(0)} s)`)
  } finally {
    await client.end()
    rmSync(directory, { recursive: true })
  }
}

/** Nobody is measured meanwhile: PostgreSQL writes on one core what this process makes on another. */
async function useEveryCore(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
  try {
    execFileSync('taskset', ['--cpu-list', '--pid', `0-${cpus().length - 1}`, String(rows[0]?.pid)], {
      stdio: 'ignore',
    })
  } catch {
    // where that may not be done it takes longer
  }
}

/**
 * Foreign keys, then the indexes and keys they need: dropped in this order, made again in the other one. Foreign keys are taken back
 * without looking at the rows.
 */
const BUILT_ON = `
  WITH filled AS (SELECT unnest(ARRAY['accounts', 'credentials']::regclass[]) AS id)
  SELECT 1 AS place, conname::text AS name, format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname) AS drop,
    format('ALTER TABLE %s ADD CONSTRAINT %I %s NOT VALID', conrelid::regclass, conname, pg_get_constraintdef(oid)) AS make
  FROM pg_constraint WHERE contype = 'f' AND (conrelid IN (SELECT id FROM filled) OR confrelid IN (SELECT id FROM filled))
  UNION ALL
  SELECT 2, conname, format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname),
    format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid))
  FROM pg_constraint WHERE contype IN ('p', 'u') AND conrelid IN (SELECT id FROM filled)
  UNION ALL
  SELECT 3, indexrelid::regclass::text, format('DROP INDEX %s', indexrelid::regclass), pg_get_indexdef(indexrelid)
  FROM pg_index WHERE indrelid IN (SELECT id FROM filled)
    AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid AND contype IN ('p', 'u'))
  ORDER BY place`

/** In chunks of a few thousand lines of COPY’s text format. */
function* rowsOf(size: number, tell: (what: string) => void): Generator<string> {
  const keyId = '07'.repeat(20)
  const lookedUp = new Set(Array.from({ length: LOOKED_UP }, (_, n) => placeOf(n, size)))
  for (let start = 0; start < size; start += CHUNK) {
    const end = Math.min(size, start + CHUNK)
    // whoever is not looked up has digests of nothing
    const drawn = randomBytes((end - start) * 2 * DIGEST).toString('hex')
    let lines = ''
    for (let n = start; n < end; n++) {
      const at = (n - start) * 4 * DIGEST
      let [handle, key] = [drawn.slice(at, at + 2 * DIGEST), drawn.slice(at + 2 * DIGEST, at + 4 * DIGEST)]
      if (lookedUp.has(n)) {
        const peppered = pepperIdentity(PEPPER, cardOf(n))
        ;[handle, key] = [hexOf(peppered.handle), hexOf(peppered.publicKeyDigest)]
      }
      // ids spread like random ones: PostgreSQL reads 32 hexadecimal digits as a UUID
      lines +=
        `${key.slice(0, 32)}\t${handle.slice(0, 32)}\tcard-auth\t\\\\x${handle}\t1\t\\\\x${keyId}\t\\\\x${key}\t` +
        '2030-04-01\tcurrent\t2026-01-01\t2026-01-01\n'
    }
    yield lines
    if (end % TOLD_FROM === 0) tell(`${end.toLocaleString('en')} credentials`)
  }
}

function hexOf(octets: Uint8Array): string {
  return Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength).toString('hex')
}
