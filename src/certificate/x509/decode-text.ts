import { isUtf8 } from 'node:buffer'
import { DerFault } from '../der/der-fault.ts'
import { TAG } from '../der/tags.ts'

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const DIGITS = '0123456789'

/** Alphabets of X.680 §41.4, octet by octet: not zero when it belongs. */
const PRINTABLE = alphabet(`${LETTERS}${DIGITS} '()+,-./:=?`)
const NUMERIC = alphabet(`${DIGITS} `)
const ASCII = new Uint8Array(256).fill(1, 0, 128)

/**
 * Holds the content of a string type against the type's alphabet; what is not a string type of a name passes.
 *
 * @throws DerFault('bad-string')
 * @see RFC 5280 §4.1.2.4 (DirectoryString), X.680 §41
 */
export function checkText(tag: number, content: Uint8Array): void {
  if (!belongs(tag, content)) throw new DerFault('bad-string', 0)
}

function belongs(tag: number, content: Uint8Array): boolean {
  switch (tag) {
    case TAG.utf8String:
      return consistsOf(ASCII, content) || isUtf8(content)
    case TAG.printableString:
      return consistsOf(PRINTABLE, content)
    case TAG.numericString:
      return consistsOf(NUMERIC, content)
    case TAG.ia5String:
    case TAG.visibleString:
      return consistsOf(ASCII, content)
    case TAG.bmpString:
      return content.length % 2 === 0
    default:
      return true
  }
}

/** Text of a string type; `undefined` for a tag that is not one of those a name may use. @throws DerFault('bad-string') */
export function decodeText(tag: number, content: Uint8Array): string | undefined {
  checkText(tag, content)
  switch (tag) {
    case TAG.utf8String:
      return Buffer.from(content).toString('utf8')
    case TAG.printableString:
    case TAG.numericString:
    case TAG.ia5String:
    case TAG.visibleString:
    case TAG.teletexString:
      return Buffer.from(content).toString('latin1')
    case TAG.bmpString:
      return Buffer.from(content).swap16().toString('utf16le')
    default:
      return undefined
  }
}

/** IA5String content: seven bits. @throws DerFault('bad-string') */
export function decodeAscii(content: Uint8Array): string {
  checkText(TAG.ia5String, content)
  return Buffer.from(content).toString('latin1')
}

function consistsOf(allowed: Uint8Array, content: Uint8Array): boolean {
  for (const octet of content) if (allowed[octet] === 0) return false
  return true
}

function alphabet(characters: string): Uint8Array {
  const belonging = new Uint8Array(256)
  for (const character of characters) belonging[character.charCodeAt(0)] = 1
  return belonging
}
