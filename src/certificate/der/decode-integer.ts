import { DerFault } from './der-fault.ts'

/**
 * Checks the content octets of an INTEGER and hands them back.
 *
 * @throws DerFault('bad-integer') when empty or when the first nine bits are all equal (X.690 §8.3.2)
 */
export function checkInteger(content: Uint8Array): Uint8Array {
  const first = content[0]
  const second = content[1]
  if (first === undefined) throw new DerFault('bad-integer', 0)
  if (second !== undefined && ((first === 0x00 && second < 0x80) || (first === 0xff && second >= 0x80))) {
    throw new DerFault('bad-integer', 0)
  }
  return content
}

/** As {@link checkInteger}, and zero or negative numbers are refused too. */
export function checkPositiveInteger(content: Uint8Array): Uint8Array {
  checkInteger(content)
  if ((content[0] as number) >= 0x80 || (content.length === 1 && content[0] === 0)) throw new DerFault('bad-integer', 0)
  return content
}

/** A small non-negative INTEGER or ENUMERATED, such as a version, a path length or a reason. */
export function decodeSmallInteger(content: Uint8Array, max = 0x7fffffff): number {
  checkInteger(content)
  if ((content[0] as number) >= 0x80 || content.length > 5) throw new DerFault('bad-integer', 0)
  let value = 0
  for (const octet of content) value = value * 256 + octet
  if (value > max) throw new DerFault('bad-integer', 0)
  return value
}
