import { createHash } from 'node:crypto'
import { canonicalJson } from './canonical-json.ts'
import type { StoredEvent } from './stored-event.ts'

/** RFC 6962 §2.1: a leaf can never be taken for a node. */
const LEAF = Buffer.of(0)
const NODE = Buffer.of(1)

/** 32 octets. */
export function leafOf(event: StoredEvent): Buffer {
  const text = canonicalJson({ ...event, sequence: event.sequence.toString() })
  return createHash('sha256').update(LEAF).update(text).digest()
}

/** The Merkle tree hash of RFC 6962 §2.1. @param leaves at least one */
export function rootOf(leaves: readonly Uint8Array[]): Buffer {
  let level = leaves
  // pairs from the left, what is left over goes up as it is: the same tree as the RFC's recursive one
  while (level.length > 1) {
    level = Array.from({ length: Math.ceil(level.length / 2) }, (_, at) => {
      const [left, right] = [level[2 * at], level[2 * at + 1]]
      if (left === undefined) throw new Error('a level without its node')
      return right === undefined ? left : createHash('sha256').update(NODE).update(left).update(right).digest()
    })
  }
  const [root] = level
  if (root === undefined) throw new Error('no tree without leaves')
  return Buffer.from(root)
}
