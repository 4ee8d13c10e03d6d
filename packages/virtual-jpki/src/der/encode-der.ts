/**
 * A DER writer, just large enough for what this package must write by hand: @peculiar/x509 has no OCSP, no policy
 * qualifiers, no otherName, and will not write a certificate that is wrong on purpose.
 *
 * @see ITU-T X.690 §8 and §10
 */
const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  enumerated: 0x0a,
  utf8String: 0x0c,
  printableString: 0x13,
  ia5String: 0x16,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const

/** The length octets of X.690 §10.1: definite, and the shortest form. */
export function encodeLength(length: number): Buffer {
  if (length < 0x80) return Buffer.from([length])
  const octets: number[] = []
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) octets.unshift(rest % 256)
  return Buffer.from([0x80 | octets.length, ...octets])
}

/** One element with any tag octet. */
export function element(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const length = contents.reduce((sum, part) => sum + part.length, 0)
  return Buffer.concat([Buffer.from([tag]), encodeLength(length), ...contents])
}

export const sequence = (...parts: readonly Uint8Array[]): Buffer => element(TAG.sequence, ...parts)
export const setOf = (...parts: readonly Uint8Array[]): Buffer => element(TAG.set, ...parts)
export const octetString = (content: Uint8Array): Buffer => element(TAG.octetString, content)
export const utf8String = (text: string): Buffer => element(TAG.utf8String, Buffer.from(text, 'utf8'))
export const printableString = (text: string): Buffer => element(TAG.printableString, Buffer.from(text, 'latin1'))
export const ia5String = (text: string): Buffer => element(TAG.ia5String, Buffer.from(text, 'latin1'))
export const enumerated = (value: number): Buffer => element(TAG.enumerated, Buffer.from([value]))
export const booleanTrue = (): Buffer => element(TAG.boolean, Buffer.from([0xff]))
export const nullValue = (): Buffer => element(TAG.null)

/** `[number]` around whole elements (EXPLICIT), or instead of a constructed tag (IMPLICIT). */
export const constructedContext = (number: number, ...parts: readonly Uint8Array[]): Buffer =>
  element(0xa0 | number, ...parts)

/** `[number] IMPLICIT` of a primitive type: only the content octets are given. */
export const primitiveContext = (number: number, content: Uint8Array): Buffer => element(0x80 | number, content)

/** A BIT STRING of whole octets. */
export const bitString = (content: Uint8Array): Buffer => element(TAG.bitString, Buffer.from([0]), content)

/** Content octets of an INTEGER: two's complement, as few octets as possible (X.690 §8.3). */
export function integerContent(value: bigint): Buffer {
  const octets: number[] = []
  let rest = value
  for (;;) {
    const octet = Number(rest & 0xffn)
    octets.unshift(octet)
    rest >>= 8n
    const signSettled = (rest === 0n && octet < 0x80) || (rest === -1n && octet >= 0x80)
    if (signSettled) return Buffer.from(octets)
  }
}

export const integer = (value: bigint | number): Buffer => element(TAG.integer, integerContent(BigInt(value)))

/** An OBJECT IDENTIFIER from its dotted form (X.690 §8.19). */
export function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number)
  const octets: number[] = []
  for (const arc of [first * 40 + second, ...rest]) {
    const groups = [arc % 128]
    for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128)) groups.unshift(0x80 | (left % 128))
    octets.push(...groups)
  }
  return element(TAG.oid, Buffer.from(octets))
}

/** `YYYYMMDDHHMMSS` in UTC. */
const digits = (at: Date): string =>
  at
    .toISOString()
    .replace(/\.\d+Z$/, '')
    .replaceAll(/[^0-9]/g, '')
    .slice(-14)

export const generalizedTime = (at: Date): Buffer => element(TAG.generalizedTime, Buffer.from(`${digits(at)}Z`))
export const utcTime = (at: Date): Buffer => element(TAG.utcTime, Buffer.from(`${digits(at).slice(2)}Z`))

/** RFC 5280 §4.1.2.5: UTCTime through the year 2049, GeneralizedTime from 2050. */
export const time = (at: Date): Buffer => (at.getUTCFullYear() < 2050 ? utcTime(at) : generalizedTime(at))
