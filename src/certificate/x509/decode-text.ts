import { DerFault } from '../der/der-fault.ts'
import { TAG } from '../der/tags.ts'

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** X.680 §41.4. */
const PRINTABLE = /^[A-Za-z0-9 '()+,\-./:=?]*$/
const NUMERIC = /^[0-9 ]*$/

/**
 * Text of a string type; `undefined` for a tag that is not one of those a name may use.
 *
 * @throws DerFault('bad-string') when octets do not belong to the type's alphabet
 * @see RFC 5280 §4.1.2.4 (DirectoryString), X.680 §41
 */
export function decodeText(tag: number, content: Uint8Array): string | undefined {
  switch (tag) {
    case TAG.utf8String:
      return decodeUtf8(content)
    case TAG.printableString:
      return matching(PRINTABLE, decodeAscii(content))
    case TAG.numericString:
      return matching(NUMERIC, decodeAscii(content))
    case TAG.ia5String:
    case TAG.visibleString:
      return decodeAscii(content)
    case TAG.teletexString:
      return Buffer.from(content).toString('latin1')
    case TAG.bmpString:
      if (content.length % 2 !== 0) throw new DerFault('bad-string', 0)
      return Buffer.from(content).swap16().toString('utf16le')
    default:
      return undefined
  }
}

/** IA5String content: seven bits. */
export function decodeAscii(content: Uint8Array): string {
  let text = ''
  for (const octet of content) {
    if (octet > 0x7f) throw new DerFault('bad-string', 0)
    text += String.fromCharCode(octet)
  }
  return text
}

function decodeUtf8(content: Uint8Array): string {
  try {
    return utf8.decode(content)
  } catch {
    throw new DerFault('bad-string', 0)
  }
}

function matching(alphabet: RegExp, text: string): string {
  if (!alphabet.test(text)) throw new DerFault('bad-string', 0)
  return text
}
