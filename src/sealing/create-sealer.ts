import { createSecretKey, randomBytes, type KeyObject } from 'node:crypto'
import { open, seal } from './seal.ts'

/** Seals with the newest key, opens with any that is still in use. */
export interface Sealer {
  seal(purpose: string, plain: Uint8Array): Buffer
  /** @throws Error when the box was changed, or sealed with no key of these or for another purpose */
  open(purpose: string, box: Uint8Array): Buffer
  /** Whether a box that opens was sealed with the newest key: if not, an older one must not be forgotten yet. */
  isCurrent(purpose: string, box: Uint8Array): boolean
}

/**
 * @param keys 32 octets each, the newest first
 * @param random octets that nobody can guess
 */
export function createSealer(
  [newest, ...others]: readonly [Uint8Array, ...Uint8Array[]],
  random: (octets: number) => Uint8Array = randomBytes,
): Sealer {
  const current = createSecretKey(newest)
  const older = others.map((key) => createSecretKey(key))
  return {
    seal: (purpose, plain) => seal(current, purpose, plain, random),
    open(purpose, box) {
      for (const key of older) {
        const plain = tryToOpen(key, purpose, box)
        if (plain !== undefined) return plain
      }
      // last, so that what it throws is what is said
      return open(current, purpose, box)
    },
    isCurrent: (purpose, box) => tryToOpen(current, purpose, box) !== undefined,
  }
}

/** AES-GCM tells a wrong key from a right one by its tag (NIST SP 800-38D §7.2). */
function tryToOpen(key: KeyObject, purpose: string, box: Uint8Array): Buffer | undefined {
  try {
    return open(key, purpose, box)
  } catch {
    return undefined
  }
}
