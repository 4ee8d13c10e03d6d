import { createHash } from 'node:crypto'
import { canonicalJson } from './canonical-json.ts'

/** One leaf of a seal, and whose it is. */
export interface SealedLeaf {
  readonly sequence: bigint
  /** 32 octets (merkle-tree.ts). */
  readonly hash: Uint8Array
}

/** What a seal says, and the key that says it. */
export interface AuditSeal {
  /** 1, 2, 3, … */
  readonly number: number
  /** The numbers it covers, whether there is a record for each or not. */
  readonly firstSequence: bigint
  readonly lastSequence: bigint
  readonly root: Uint8Array
  /** `sealDigest` of the one before. */
  readonly previous: Uint8Array | undefined
  readonly sealedAt: Date
  readonly kid: string
  /** ES256, r‖s (RFC 7518 §3.4), over `sealedBytes`. */
  readonly signature: Uint8Array
  readonly leaves: readonly SealedLeaf[]
}

/** Of records that were taken out after their time. */
export interface Tombstone {
  readonly sealNumber: number
  readonly events: number
  readonly reason: string
  readonly prunedAt: Date
  readonly kid: string
  readonly signature: Uint8Array
}

/** The bytes that are signed; the label keeps them apart from every token that the same key signs. */
export function sealedBytes(seal: Omit<AuditSeal, 'signature'>): Buffer {
  return Buffer.from(
    canonicalJson({
      label: 'sekisho:1 audit seal',
      number: seal.number,
      first: seal.firstSequence.toString(),
      last: seal.lastSequence.toString(),
      events: seal.leaves.length,
      root: text(seal.root),
      previous: seal.previous === undefined ? null : text(seal.previous),
      sealedAt: seal.sealedAt.toISOString(),
      kid: seal.kid,
    }),
  )
}

export function tombstoneBytes(tombstone: Omit<Tombstone, 'signature'>): Buffer {
  return Buffer.from(
    canonicalJson({
      label: 'sekisho:1 audit tombstone',
      seal: tombstone.sealNumber,
      events: tombstone.events,
      reason: tombstone.reason,
      prunedAt: tombstone.prunedAt.toISOString(),
      kid: tombstone.kid,
    }),
  )
}

/** What the next seal repeats, and what an operator notes down elsewhere: it stands for the whole log up to here. */
export function sealDigest(seal: Omit<AuditSeal, 'signature'>): Buffer {
  return createHash('sha256').update(sealedBytes(seal)).digest()
}

function text(octets: Uint8Array): string {
  return Buffer.from(octets).toString('base64url')
}
