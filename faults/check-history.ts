import pg from 'pg'
import type { HistoryEntry, LinkAct } from './history.ts'

/** What must never be: a sentence each. */
export type Violation = string

/** What is seen in the history alone. */
export function checkHistory(entries: readonly HistoryEntry[]): readonly Violation[] {
  return [...usedTwice(entries), ...severalSubjects(entries), ...revokedAndActive(entries), ...grantedInDoubt(entries)]
}

/** No code is redeemed twice, no ticket is answered or completed twice. */
function* usedTwice(entries: readonly HistoryEntry[]): Generator<Violation> {
  const granted = new Map<string, number>()
  for (const entry of entries) {
    if (entry.op !== 'redeem' && entry.op !== 'answer' && entry.op !== 'complete') continue
    if (entry.told !== 'ok') continue
    const key = entry.op === 'redeem' ? `code ${entry.code}` : `${entry.op} of ticket ${entry.ticket}`
    granted.set(key, (granted.get(key) ?? 0) + 1)
  }
  for (const [key, times] of granted) if (times > 1) yield `${key} was good ${times} times`
}

function* severalSubjects(entries: readonly HistoryEntry[]): Generator<Violation> {
  const subjects = new Map<string, Set<string>>()
  for (const entry of entries) {
    if (entry.op !== 'redeem' || entry.sub === undefined) continue
    subjects.set(entry.persona, (subjects.get(entry.persona) ?? new Set()).add(entry.sub))
  }
  for (const [persona, subs] of subjects) if (subs.size > 1) yield `${persona} had ${subs.size} subjects`
}

/** Once a revocation was acknowledged, no question that began afterwards is answered with "active". */
function* revokedAndActive(entries: readonly HistoryEntry[]): Generator<Violation> {
  const revoked = new Map<string, number>()
  for (const entry of entries) {
    if (entry.op === 'revoke' && entry.told === 'ok') revoked.set(entry.token, entry.to)
  }
  for (const entry of entries) {
    if (entry.op !== 'introspect' || entry.told !== 'active') continue
    const since = revoked.get(entry.token)
    if (since !== undefined && entry.from > since) yield `token ${entry.token} was active after its revocation`
  }
}

/** What began in an outage and ended in it cannot have been granted by anybody who knew. */
function* grantedInDoubt(entries: readonly HistoryEntry[]): Generator<Violation> {
  const outages = entries.filter((entry) => entry.op === 'fault' && entry.outage)
  for (const entry of entries) {
    const grants =
      (entry.op === 'sign-in' || entry.op === 'redeem' || entry.op === 'refresh' || entry.op === 'complete') &&
      entry.told === 'ok'
    const isActive = entry.op === 'introspect' && entry.told === 'active'
    if (!grants && !isActive) continue
    const outage = outages.find(({ from, to }) => entry.from > from && entry.to < to)
    if (outage?.op === 'fault') yield `${entry.op} was granted during “${outage.name}”`
  }
}

/** What was acknowledged against what the database holds when all is over. */
export async function checkDatabase(
  databaseUrl: string,
  entries: readonly HistoryEntry[],
): Promise<readonly Violation[]> {
  const client = new pg.Client(databaseUrl)
  await client.connect()
  try {
    const violations: Violation[] = []
    const signIns = new Map<string, number>()
    for (const entry of entries) {
      if (entry.op === 'sign-in' && entry.told === 'ok')
        signIns.set(entry.persona, (signIns.get(entry.persona) ?? 0) + 1)
    }
    const subs = new Map(
      entries.flatMap((entry) => (entry.op === 'redeem' && entry.sub ? [[entry.persona, entry.sub]] : [])),
    )
    for (const [persona, sub] of subs) {
      const { rows } = await client.query<{ signed_in: string; consents: string }>(
        `SELECT (SELECT count(*) FROM audit_events WHERE type = 'sign_in.succeeded' AND account_id = s.account_id) AS signed_in,
                (SELECT count(*) FROM audit_events WHERE type = 'consent.given' AND account_id = s.account_id) AS consents
         FROM subjects s WHERE s.sub = $1`,
        [sub],
      )
      const acknowledged = signIns.get(persona) ?? 0
      const [row] = rows
      if (row === undefined) violations.push(`${persona} has a subject that is not in the database`)
      else if (Number(row.signed_in) < acknowledged)
        violations.push(`${persona} signed in ${acknowledged} times, ${row.signed_in} are on record`)
      else if (row.consents === '0') violations.push(`${persona} agreed, and it is not on record`)
    }
    violations.push(...(await checkLinks(client, entries)))
    // those of the operator's cards are counted by nobody
    const { rows: people } = await client.query<{ accounts: string }>(
      `SELECT count(*) AS accounts FROM accounts WHERE EXISTS (
         SELECT FROM audit_events WHERE type = 'sign_in.succeeded' AND account_id = accounts.id)`,
    )
    if (Number(people[0]?.accounts) > subs.size && subs.size > 0) {
      const personas = new Set(entries.flatMap((entry) => ('persona' in entry ? [entry.persona] : [])))
      if (Number(people[0]?.accounts) > personas.size)
        violations.push(`${personas.size} people have ${people[0]?.accounts} accounts`)
    }
    return violations
  } finally {
    await client.end()
  }
}

/** Each acknowledged act is on record, with its event; and the last one of a card is what the card is. */
async function checkLinks(client: pg.Client, entries: readonly HistoryEntry[]): Promise<readonly Violation[]> {
  const violations: Violation[] = []
  const acts = entries.filter((entry) => entry.op === 'link')
  const last = new Map<string, (typeof acts)[number]>()
  for (const entry of acts) {
    last.set(entry.credential, entry)
    if (entry.told !== 'ok') continue
    const { rows } = await client.query<{ operations: number; events: number }>(
      `SELECT (SELECT count(*)::int FROM account_operations WHERE id = $1 AND act = $2) AS operations,
              (SELECT count(*)::int FROM audit_events WHERE details->>'operationId' = $1::text) AS events`,
      [entry.operation, entry.act],
    )
    if (rows[0]?.operations !== 1) violations.push(`${entry.act} ${entry.operation} was acknowledged, and is not there`)
    if (!((rows[0]?.events ?? 0) >= 1)) violations.push(`${entry.act} ${entry.operation} is in no audit event`)
  }
  for (const { credential, act, account, told } of last.values()) {
    if (told !== 'ok') continue
    const { rows } = await client.query<{ status: string; belongs: boolean }>(
      `SELECT credentials.status, coalesce(merged_into, accounts.id) = $2 AS belongs
       FROM credentials JOIN accounts ON accounts.id = account_id WHERE credentials.id = $1`,
      [credential, account],
    )
    const [found] = rows
    const isRight = EXPECTED[act]({ isUnlinked: found?.status === 'unlinked', belongs: found?.belongs === true })
    if (!isRight)
      violations.push(`after ${act} a card is ${found?.status ?? 'gone'}, with its account: ${found?.belongs}`)
  }
  return violations
}

const EXPECTED: Readonly<Record<LinkAct, (found: { isUnlinked: boolean; belongs: boolean }) => boolean>> = {
  merge: ({ belongs }) => belongs,
  undo: ({ belongs, isUnlinked }) => !belongs && !isUnlinked,
  unlink: ({ isUnlinked }) => isUnlinked,
  link: ({ belongs, isUnlinked }) => belongs && !isUnlinked,
}
