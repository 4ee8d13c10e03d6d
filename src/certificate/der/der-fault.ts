/** What is wrong with bytes that should be DER (X.690 §8, §10, §11) or one of the structures written in it. */
export type DerFaultReason =
  | 'truncated'
  | 'trailing-bytes'
  | 'unexpected-tag'
  | 'multi-byte-tag'
  | 'indefinite-length'
  | 'length-not-minimal'
  | 'length-too-large'
  | 'too-deep'
  | 'too-large'
  | 'too-many-elements'
  | 'bad-boolean'
  | 'bad-integer'
  | 'bad-bit-string'
  | 'bad-oid'
  | 'bad-time'
  | 'bad-string'
  | 'default-value-encoded'
  | 'unsorted-set'
  | 'empty-sequence'
  | 'duplicate-extension'
  | 'not-conforming'

/** The only error the readers of this folder throw. Holds an offset, never the bytes. */
export class DerFault extends Error {
  override readonly name = 'DerFault'
  readonly reason: DerFaultReason
  readonly offset: number

  constructor(reason: DerFaultReason, offset: number) {
    super(`${reason} at byte ${offset}`)
    this.reason = reason
    this.offset = offset
  }
}
