import { timingSafeEqual } from 'node:crypto'

/** A PIN on the card with its retry counter. */
export interface Pin {
  readonly triesLeft: number
  /** Whether the right value was presented since the last selection of the application. */
  readonly verified: boolean
  /** Presents a value. Spends a try when it is wrong; a right one restores the counter. Never call it when no try is left. */
  present(value: Uint8Array): boolean
  /** Drops the verified state; the counter stays. */
  forget(): void
}

/**
 * @param options.value the reference value in ASCII
 * @param options.maximumTries what the counter goes back to on success
 * @param options.triesLeft what it starts with, 0 for a locked PIN
 */
export function createPin(options: { value: string; maximumTries: number; triesLeft: number }): Pin {
  const { maximumTries } = options
  const reference = Buffer.from(options.value, 'ascii')
  let triesLeft = options.triesLeft
  let verified = false
  return {
    get triesLeft() {
      return triesLeft
    },
    get verified() {
      return verified
    },
    present(value) {
      if (triesLeft === 0) throw new Error('a locked PIN must not be compared')
      verified = value.length === reference.length && timingSafeEqual(value, reference)
      triesLeft = verified ? maximumTries : triesLeft - 1
      return verified
    },
    forget() {
      verified = false
    },
  }
}
