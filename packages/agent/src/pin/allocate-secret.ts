/**
 * Memory for a secret, zeroed. Of its own, not a slice of a pool that others read; and outside the heap of V8, which keeps
 * small arrays inside itself, moves them, and leaves what it moved: zeroing such an array zeroes only the latest copy.
 */
export function allocateSecret(bytes: number): Buffer<ArrayBuffer> {
  return Buffer.from(new ArrayBuffer(bytes))
}
