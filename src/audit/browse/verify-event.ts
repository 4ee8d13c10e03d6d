import type { KeyObject } from 'node:crypto'
import type { StoredEvent } from '../seal/stored-event.ts'
import { verifyAuditLog, type AuditFinding } from '../seal/verify-audit-log.ts'
import type { AuditBrowser } from './audit-browser.ts'

/** What vouches for one record. */
export type EventSeal =
  /** Written a moment ago. */
  | { readonly state: 'unsealed' }
  /** The whole batch is as it was sealed. */
  | { readonly state: 'verified'; readonly number: number; readonly sealedAt: Date; readonly kid: string }
  | {
      readonly state: 'broken'
      readonly number: number
      readonly sealedAt: Date
      readonly kid: string
      readonly findings: readonly AuditFinding[]
    }

/** Holds a record, and all those of its batch, against the seal over it. */
export async function verifyEvent({
  browser,
  keys,
  sequence,
}: {
  readonly browser: Pick<AuditBrowser, 'sealOver' | 'sealed' | 'tombstones'>
  readonly keys: ReadonlyMap<string, KeyObject>
  readonly sequence: bigint
}): Promise<EventSeal> {
  const found = await browser.sealOver(sequence)
  if (found === undefined) return { state: 'unsealed' }
  const { seal, previous } = found
  const { number, sealedAt, kid } = seal
  const range = { after: number - 1, upTo: number }
  const events: StoredEvent[] = []
  for await (const batch of browser.sealed(range)) events.push(...batch.events)
  const { findings } = await verifyAuditLog({
    previous,
    seals: only(seal),
    events: each(events),
    tombstones: new Map((await browser.tombstones(range)).map((tombstone) => [number, tombstone])),
    keys,
  })
  return findings.length === 0
    ? { state: 'verified', number, sealedAt, kid }
    : { state: 'broken', number, sealedAt, kid, findings }
}

async function* only<Item>(item: Item): AsyncGenerator<Item> {
  yield item
}

async function* each<Item>(items: readonly Item[]): AsyncGenerator<Item> {
  yield* items
}
