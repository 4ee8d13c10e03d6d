import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { canonicalJson } from '../../../src/audit/seal/canonical-json.ts'
import { rootOf } from '../../../src/audit/seal/merkle-tree.ts'

const sha256 = (...parts: Uint8Array[]): Buffer => createHash('sha256').update(Buffer.concat(parts)).digest()
const leaves = (count: number): Buffer[] => Array.from({ length: count }, (_, at) => sha256(Buffer.of(0, at)))

/** The recursive words of RFC 6962 §2.1: the left part is the largest power of two that is smaller than the whole. */
function treeOfTheRfc(nodes: readonly Buffer[]): Buffer {
  const [only] = nodes
  if (nodes.length === 1 && only !== undefined) return only
  let split = 1
  while (split * 2 < nodes.length) split *= 2
  return sha256(Buffer.of(1), treeOfTheRfc(nodes.slice(0, split)), treeOfTheRfc(nodes.slice(split)))
}

test.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 31, 32, 33, 100])('a tree of %i leaves has the root of RFC 6962', (count) => {
  expect(rootOf(leaves(count))).toEqual(treeOfTheRfc(leaves(count)))
})

test('a tree without leaves has no root', () => {
  expect(() => rootOf([])).toThrow('no tree without leaves')
})

test('the order of members does not change the text, everything else does', () => {
  const text = canonicalJson({ b: [1, null, 'x'], a: { d: true, c: '"' } })
  expect(text).toBe('{"a":{"c":"\\"","d":true},"b":[1,null,"x"]}')
  expect(canonicalJson({ a: { c: '"', d: true }, b: [1, null, 'x'] })).toBe(text)
  expect(canonicalJson({ a: { c: '"', d: true }, b: [null, 1, 'x'] })).not.toBe(text)
})
