import type { KeyObject } from 'node:crypto'
import type { AuditSeal, Tombstone } from '../seal/audit-seal.ts'
import type { StoredEvent } from '../seal/stored-event.ts'
import { verifyAuditLog, type AuditVerification } from '../seal/verify-audit-log.ts'
import type { AuditBrowser } from './audit-browser.ts'

/** What somebody who waits for an answer is made to wait for, at most. */
const MAX_SEALS = 500
const MAX_EVENTS = 20_000

export interface VerifiedPart extends AuditVerification {
  /** The last seal that was looked at; 0 when there was none. */
  readonly upTo: number
}

/**
 * Verifies the next part of the log behind a seal, as `sekisho audit verify` does all of it: part by part, nothing is left out, since
 * each begins with the seal that the one before ended with.
 *
 * @param after a seal's number; 0 to begin
 */
export async function verifyPart({
  browser,
  keys,
  after,
  upTo,
}: {
  readonly browser: Pick<AuditBrowser, 'sealed' | 'sealNumbered' | 'tombstones'>
  readonly keys: ReadonlyMap<string, KeyObject>
  readonly after: number
  readonly upTo: number
}): Promise<VerifiedPart> {
  const seals: AuditSeal[] = []
  const events: StoredEvent[] = []
  const last = Math.min(upTo, after + MAX_SEALS)
  for await (const batch of browser.sealed({ after, upTo: last })) {
    seals.push(batch.seal)
    for (const event of batch.events) events.push(event)
    if (events.length >= MAX_EVENTS) break
  }
  const reached = events.length >= MAX_EVENTS ? (seals.at(-1)?.number ?? last) : last
  const verification = await verifyAuditLog({
    previous: after === 0 ? undefined : await browser.sealNumbered(after),
    seals: iterate(seals),
    events: iterate(events),
    tombstones: await tombstonesOf(browser, after, reached),
    keys,
  })
  return { ...verification, upTo: reached }
}

async function tombstonesOf(
  browser: Pick<AuditBrowser, 'tombstones'>,
  after: number,
  upTo: number,
): Promise<ReadonlyMap<number, Tombstone>> {
  const found = await browser.tombstones({ after, upTo })
  return new Map(found.map((tombstone) => [tombstone.sealNumber, tombstone]))
}

async function* iterate<Item>(items: readonly Item[]): AsyncGenerator<Item> {
  yield* items
}
