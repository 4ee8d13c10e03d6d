import fc from 'fast-check'

/** One change to some octets. Positions are fractions, so that they fit whatever length is left. */
type Mutation =
  | { readonly kind: 'set'; readonly at: number; readonly octet: number }
  | { readonly kind: 'flip'; readonly at: number; readonly bit: number }
  | { readonly kind: 'insert'; readonly at: number; readonly octets: Uint8Array }
  | { readonly kind: 'remove'; readonly at: number; readonly count: number }
  | { readonly kind: 'repeat'; readonly at: number; readonly count: number }
  | { readonly kind: 'truncate'; readonly at: number }

const position = fc.double({ min: 0, max: 1, noNaN: true })

/** Octets that mean something in DER: tags, lengths, ends of ranges. */
const telling = fc.constantFrom(
  0x00,
  0x01,
  0x02,
  0x03,
  0x04,
  0x05,
  0x06,
  0x1f,
  0x30,
  0x31,
  0x7f,
  0x80,
  0x81,
  0x84,
  0xa0,
  0xff,
)

const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  fc.record({ kind: fc.constant('set' as const), at: position, octet: fc.oneof(telling, fc.nat(255)) }),
  fc.record({ kind: fc.constant('flip' as const), at: position, bit: fc.nat(7) }),
  fc.record({
    kind: fc.constant('insert' as const),
    at: position,
    octets: fc.uint8Array({ minLength: 1, maxLength: 4 }),
  }),
  fc.record({ kind: fc.constant('remove' as const), at: position, count: fc.integer({ min: 1, max: 8 }) }),
  fc.record({ kind: fc.constant('repeat' as const), at: position, count: fc.integer({ min: 1, max: 40 }) }),
  fc.record({ kind: fc.constant('truncate' as const), at: position }),
)

/** A real structure with one to three changes. */
export function mutationsOf(sample: Uint8Array): fc.Arbitrary<Uint8Array> {
  return fc.array(mutation, { minLength: 1, maxLength: 3 }).map((list) => list.reduce(apply, Buffer.from(sample)))
}

/** Trees of definite-length elements with all kinds of tags, encoded as DER demands. */
export function derLike(): fc.Arbitrary<Uint8Array> {
  const tag = fc.constantFrom(1, 2, 3, 4, 5, 6, 10, 12, 19, 22, 23, 24, 0x80, 0x81, 0x82, 0x86, 0x87)
  const constructed = fc.constantFrom(0x30, 0x31, 0xa0, 0xa1, 0xa2, 0xa3, 0xa4)
  const { tree } = fc.letrec<{ tree: Buffer; leaf: Buffer; node: Buffer }>((tie) => ({
    tree: fc.oneof({ maxDepth: 5, depthSize: 'medium' }, tie('leaf'), tie('node')),
    leaf: fc.tuple(tag, fc.uint8Array({ maxLength: 12 })).map(([octet, content]) => tlv(octet, Buffer.from(content))),
    node: fc
      .tuple(constructed, fc.array(tie('tree'), { maxLength: 4 }))
      .map(([octet, children]) => tlv(octet, Buffer.concat(children))),
  }))
  return tree
}

function apply(octets: Buffer, one: Mutation): Buffer {
  const at = Math.min(Math.floor(one.at * octets.length), Math.max(octets.length - 1, 0))
  switch (one.kind) {
    case 'set':
      return spliced(octets, at, 1, Buffer.from([one.octet]))
    case 'flip':
      return spliced(octets, at, 1, Buffer.from([(octets[at] ?? 0) ^ (1 << one.bit)]))
    case 'insert':
      return spliced(octets, at, 0, Buffer.from(one.octets))
    case 'remove':
      return spliced(octets, at, one.count, Buffer.alloc(0))
    case 'repeat':
      return spliced(octets, at, 0, octets.subarray(at, at + one.count))
    case 'truncate':
      return octets.subarray(0, at)
  }
}

function spliced(octets: Buffer, at: number, removed: number, put: Buffer): Buffer {
  return Buffer.concat([octets.subarray(0, at), put, octets.subarray(at + removed)])
}

function tlv(tag: number, content: Buffer): Buffer {
  const { length } = content
  const head = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...head]), content])
}
