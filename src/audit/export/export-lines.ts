import type { AuditSeal, Tombstone } from '../seal/audit-seal.ts'
import type { StoredEvent } from '../seal/stored-event.ts'
import type { ExportLine } from './audit-jsonl.ts'

/** How far an earlier export came. */
export interface ExportPlace {
  readonly sequence: bigint
  readonly seal: number
}

export interface ExportSource {
  /** In order, those behind the place. */
  readonly events: AsyncIterable<StoredEvent>
  /** All, in order. */
  readonly seals: AsyncIterable<AuditSeal>
  readonly tombstones: ReadonlyMap<number, Tombstone>
}

/** Records, each seal behind the last record it covers, at the end every tombstone (again: they come long after their seals). */
export async function* exportLines(source: ExportSource, place: ExportPlace): AsyncGenerator<ExportLine> {
  const events = source.events[Symbol.asyncIterator]()
  let next = await events.next()
  for await (const seal of source.seals) {
    for (; next.done !== true && next.value.sequence <= seal.lastSequence; next = await events.next()) {
      yield { event: next.value }
    }
    if (seal.number > place.seal) yield { seal }
  }
  for (; next.done !== true; next = await events.next()) yield { event: next.value }
  for (const [, tombstone] of source.tombstones) yield { tombstone }
}
