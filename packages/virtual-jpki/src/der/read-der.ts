/** One element of a DER text: where it began, what it holds. */
export interface DerElement {
  readonly tag: number
  readonly content: Buffer
  /** Tag, length and content together. */
  readonly whole: Buffer
}

/** Thrown for bytes that are not DER; the responder turns it into `malformedRequest`. */
export class DerFault extends Error {
  override readonly name = 'DerFault'
}

/** Reads the element that begins at `offset`. Definite lengths of up to four octets, low tag numbers only. */
export function readElement(bytes: Buffer, offset = 0): DerElement {
  const tag = bytes[offset]
  const first = bytes[offset + 1]
  if (tag === undefined || first === undefined) throw new DerFault('element cut off')
  let length = first
  let start = offset + 2
  if (first >= 0x80) {
    const octets = first & 0x7f
    if (octets === 0 || octets > 4 || start + octets > bytes.length) throw new DerFault('bad length')
    length = bytes.readUIntBE(start, octets)
    start += octets
  }
  if (start + length > bytes.length) throw new DerFault('content cut off')
  return {
    tag,
    content: bytes.subarray(start, start + length),
    whole: bytes.subarray(offset, start + length),
  }
}

/** The elements that stand one after the other in `content`. */
export function readChildren(content: Buffer): readonly DerElement[] {
  const children: DerElement[] = []
  for (let offset = 0; offset < content.length;) {
    const child = readElement(content, offset)
    children.push(child)
    offset += child.whole.length
  }
  return children
}

/** Content octets of an INTEGER as a number of either sign. */
export function readInteger(content: Buffer): bigint {
  if (content.length === 0) throw new DerFault('empty integer')
  return BigInt.asIntN(content.length * 8, BigInt(`0x${content.toString('hex')}`))
}
