import { DerFault } from './der-fault.ts'

/** Certificates, OCSP answers and CRLs nest eleven deep at most; anything deeper is not one of them. */
const MAX_DEPTH = 16

/**
 * A cursor over distinguished encodings: definite lengths, minimally encoded, never past the end of what encloses them.
 * It is driven by the structure its caller expects and never recurses by itself; every step consumes at least two octets
 * or throws, so that reading ends.
 *
 * @throws DerFault from every method, and nothing else
 * @see X.690 §8.1.3, §10.1 (definite form, minimal number of octets)
 */
export class DerReader {
  readonly #bytes: Uint8Array
  readonly #end: number
  readonly #depth: number
  #at: number
  #contentStart = 0
  #contentEnd = 0

  /** @param bytes read from `start` up to `end`; views handed out share its memory */
  constructor(bytes: Uint8Array, start = 0, end = bytes.length, depth = 0) {
    if (depth > MAX_DEPTH) throw new DerFault('too-deep', start)
    this.#bytes = bytes
    this.#at = start
    this.#end = end
    this.#depth = depth
  }

  /** Offset of the next element in the outermost bytes. */
  get offset(): number {
    return this.#at
  }

  isAtEnd(): boolean {
    return this.#at === this.#end
  }

  /** Whether the next element has this identifier octet. */
  nextIs(tag: number): boolean {
    return this.#at < this.#end && this.#bytes[this.#at] === tag
  }

  /** The next identifier octet, or `undefined` at the end. */
  peekTag(): number | undefined {
    return this.#at < this.#end ? this.#bytes[this.#at] : undefined
  }

  /**
   * Steps over the next element, whose content then lies in {@link bytes} from {@link contentStart} to {@link contentEnd}:
   * for decoders that can do without a view of their own.
   */
  advance(tag: number): void {
    this.#step(tag)
  }

  get bytes(): Uint8Array {
    return this.#bytes
  }

  get contentStart(): number {
    return this.#contentStart
  }

  get contentEnd(): number {
    return this.#contentEnd
  }

  /** Content octets of the next element. */
  read(tag: number): Uint8Array {
    this.#step(tag)
    return this.#bytes.subarray(this.#contentStart, this.#contentEnd)
  }

  /** The next element as it stands, identifier and length octets included. */
  readWhole(tag: number): Uint8Array {
    const start = this.#at
    this.#step(tag)
    return this.#bytes.subarray(start, this.#contentEnd)
  }

  /** The next element as it stands, whatever its tag. */
  readAny(): Uint8Array {
    return this.readWhole(this.#tagHere())
  }

  /** A reader over the content of the next element. */
  enter(tag: number): DerReader {
    this.#step(tag)
    return new DerReader(this.#bytes, this.#contentStart, this.#contentEnd, this.#depth + 1)
  }

  /** {@link enter} when the next element has this tag: OPTIONAL and DEFAULT. */
  tryEnter(tag: number): DerReader | undefined {
    return this.nextIs(tag) ? this.enter(tag) : undefined
  }

  /** {@link read} when the next element has this tag: OPTIONAL and DEFAULT. */
  tryRead(tag: number): Uint8Array | undefined {
    return this.nextIs(tag) ? this.read(tag) : undefined
  }

  /** What was read since an {@link offset} of this reader. */
  since(start: number): Uint8Array {
    return this.#bytes.subarray(start, this.#at)
  }

  /** A reader over a view this one handed out, one level deeper. */
  over(view: Uint8Array): DerReader {
    return new DerReader(view, 0, view.length, this.#depth + 1)
  }

  /** To be called when the structure is over: nothing may follow. */
  finish(): void {
    if (this.#at !== this.#end) throw new DerFault('trailing-bytes', this.#at)
  }

  #tagHere(): number {
    const tag = this.#at < this.#end ? this.#bytes[this.#at] : undefined
    if (tag === undefined) throw new DerFault('truncated', this.#at)
    return tag
  }

  #step(tag: number): void {
    const bytes = this.#bytes
    const start = this.#at
    const actual = this.#tagHere()
    if ((actual & 0x1f) === 0x1f) throw new DerFault('multi-byte-tag', start)
    if (actual !== tag) throw new DerFault('unexpected-tag', start)
    let at = start + 1
    if (at >= this.#end) throw new DerFault('truncated', start)
    let length = bytes[at++] as number
    if (length >= 0x80) {
      const octets = length & 0x7f
      if (octets === 0) throw new DerFault('indefinite-length', start)
      if (octets > 4) throw new DerFault('length-too-large', start)
      if (at + octets > this.#end) throw new DerFault('truncated', start)
      if (bytes[at] === 0) throw new DerFault('length-not-minimal', start)
      length = 0
      for (let i = 0; i < octets; i++) length = length * 256 + (bytes[at++] as number)
      if (length < 0x80) throw new DerFault('length-not-minimal', start)
    }
    if (length > this.#end - at) throw new DerFault('truncated', start)
    this.#contentStart = at
    this.#contentEnd = at + length
    this.#at = at + length
  }
}
