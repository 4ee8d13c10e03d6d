import { verify, type KeyObject } from 'node:crypto'
import { sealDigest, sealedBytes, tombstoneBytes, type AuditSeal, type Tombstone } from './audit-seal.ts'
import { leafOf, rootOf } from './merkle-tree.ts'
import type { StoredEvent } from './stored-event.ts'

/** What is wrong, and where. */
export type AuditFinding =
  | { readonly fault: 'event-edited' | 'event-deleted' | 'event-inserted'; readonly sequence: bigint }
  /** The record of one number stands under another. */
  | { readonly fault: 'event-moved'; readonly sequence: bigint; readonly from: bigint }
  | {
      readonly fault:
        | 'seal-missing'
        | 'seal-not-chained'
        | 'seal-range'
        | 'seal-tree'
        | 'seal-signature'
        | 'seal-key-unknown'
        | 'tombstone-signature'
        | 'tombstone-key-unknown'
        | 'tombstone-of-nothing'
      readonly seal: number
    }
  /** The log ends before the seal that was noted down, or another stands in its place. */
  | { readonly fault: 'head-differs'; readonly seal: number }

export interface AuditVerification {
  readonly findings: readonly AuditFinding[]
  /** More were found than are listed. */
  readonly truncated: boolean
  readonly seals: number
  readonly events: number
  /** Records that their time took out, by signed tombstones. */
  readonly pruned: number
  /** Records after the last seal: nothing vouches for them yet. */
  readonly unsealed: number
  readonly head: { readonly number: number; readonly digest: string } | undefined
}

export interface VerifyAuditLogInput {
  /** The seal before the first one here, where this is a part of the log. */
  readonly previous?: AuditSeal | undefined
  /** In order of their numbers. */
  readonly seals: AsyncIterable<AuditSeal>
  readonly tombstones: ReadonlyMap<number, Tombstone>
  /** In order of their sequence. */
  readonly events: AsyncIterable<StoredEvent>
  /** Public keys by their ids. */
  readonly keys: ReadonlyMap<string, KeyObject>
  /** A head that was noted down before. */
  readonly expectedHead?: { readonly number: number; readonly digest: string } | undefined
}

const MAX_FINDINGS = 1000
/** Moved records are looked for among so many edited ones of one seal at most: each is compared with each. */
const MAX_MOVED = 128

/**
 * Holds every record against the seal over it, and every seal against its key and the one before. Reads both once, in order, with
 * one batch in memory.
 */
export async function verifyAuditLog(input: VerifyAuditLogInput): Promise<AuditVerification> {
  const { keys, tombstones, expectedHead } = input
  const findings: AuditFinding[] = []
  let found = 0
  const report = (finding: AuditFinding): void => {
    found += 1
    if (findings.length < MAX_FINDINGS) findings.push(finding)
  }
  const events = input.events[Symbol.asyncIterator]()
  let next = await events.next()
  const counts = { seals: 0, events: 0, pruned: 0, unsealed: 0 }
  let { previous } = input
  let isHeadSeen = expectedHead === undefined

  for await (const seal of input.seals) {
    counts.seals += 1
    for (const fault of judgeSeal(seal, previous, keys)) report({ fault, seal: seal.number })
    const standing: StoredEvent[] = []
    while (next.done !== true && next.value.sequence <= seal.lastSequence) {
      standing.push(next.value)
      next = await events.next()
    }
    counts.events += standing.length
    const tombstone = tombstones.get(seal.number)
    const isPruned = tombstone !== undefined && standing.length === 0
    if (tombstone !== undefined) {
      for (const fault of judgeTombstone(tombstone, seal, keys)) report({ fault, seal: seal.number })
    }
    if (isPruned) counts.pruned += seal.leaves.length
    else for (const finding of compare(standing, seal)) report(finding)
    if (seal.number === expectedHead?.number) {
      isHeadSeen = sealDigest(seal).toString('base64url') === expectedHead.digest
    }
    previous = seal
  }
  for (; next.done !== true; next = await events.next()) counts.unsealed += 1
  if (!isHeadSeen && expectedHead !== undefined) report({ fault: 'head-differs', seal: expectedHead.number })
  for (const [number] of tombstones) {
    if (number > (input.previous?.number ?? 0) + counts.seals) report({ fault: 'tombstone-of-nothing', seal: number })
  }

  const head = previous && { number: previous.number, digest: sealDigest(previous).toString('base64url') }
  return { findings, truncated: found > findings.length, ...counts, events: counts.events + counts.unsealed, head }
}

type SealFault = Extract<AuditFinding, { seal: number }>['fault']

function* judgeSeal(
  seal: AuditSeal,
  previous: AuditSeal | undefined,
  keys: ReadonlyMap<string, KeyObject>,
): Generator<SealFault> {
  if (seal.number !== (previous?.number ?? 0) + 1) yield 'seal-missing'
  const before = previous && sealDigest(previous)
  if (before === undefined ? seal.previous !== undefined : !before.equals(seal.previous ?? Buffer.alloc(0))) {
    yield 'seal-not-chained'
  }
  const [oldest, newest] = [seal.leaves[0], seal.leaves.at(-1)]
  const ascends = seal.leaves.every(({ sequence }, at) => at === 0 || sequence > (seal.leaves[at - 1]?.sequence ?? 0n))
  if (
    oldest === undefined ||
    newest?.sequence !== seal.lastSequence ||
    oldest.sequence < seal.firstSequence ||
    seal.firstSequence !== (previous?.lastSequence ?? 0n) + 1n ||
    !ascends
  ) {
    yield 'seal-range'
  }
  if (oldest === undefined || !rootOf(seal.leaves.map(({ hash }) => hash)).equals(seal.root)) yield 'seal-tree'
  const key = keys.get(seal.kid)
  if (key === undefined) yield 'seal-key-unknown'
  else if (!isSigned(sealedBytes(seal), key, seal.signature)) yield 'seal-signature'
}

function* judgeTombstone(
  tombstone: Tombstone,
  seal: AuditSeal,
  keys: ReadonlyMap<string, KeyObject>,
): Generator<SealFault> {
  const key = keys.get(tombstone.kid)
  if (key === undefined) yield 'tombstone-key-unknown'
  else if (!isSigned(tombstoneBytes(tombstone), key, tombstone.signature)) yield 'tombstone-signature'
  else if (tombstone.events !== seal.leaves.length) yield 'tombstone-of-nothing'
}

/** The records that stand under one seal against its leaves. */
function* compare(standing: readonly StoredEvent[], { leaves }: AuditSeal): Generator<AuditFinding> {
  const expected = new Map(leaves.map(({ sequence, hash }) => [sequence, Buffer.from(hash)]))
  const edited: StoredEvent[] = []
  for (const event of standing) {
    const leaf = expected.get(event.sequence)
    if (leaf === undefined) yield { fault: 'event-inserted', sequence: event.sequence }
    else if (!leaf.equals(leafOf(event))) edited.push(event)
  }
  const present = new Set(standing.map(({ sequence }) => sequence))
  for (const { sequence } of leaves) if (!present.has(sequence)) yield { fault: 'event-deleted', sequence }

  const searched = edited.length <= MAX_MOVED ? edited : []
  for (const event of edited) {
    const from = searched
      .map(({ sequence }) => sequence)
      .find((sequence) => sequence !== event.sequence && expected.get(sequence)?.equals(leafOf({ ...event, sequence })))
    if (from === undefined) yield { fault: 'event-edited', sequence: event.sequence }
    else yield { fault: 'event-moved', sequence: event.sequence, from }
  }
}

function isSigned(bytes: Uint8Array, key: KeyObject, signature: Uint8Array): boolean {
  return verify('sha256', bytes, { key, dsaEncoding: 'ieee-p1363' }, signature)
}
