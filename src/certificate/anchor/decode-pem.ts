/** RFC 7468 §3, strict form: base64 lines between the encapsulation boundaries. */
const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----\r?\n([A-Za-z0-9+/=\r\n]+)-----END \1-----/g

/**
 * The DER of a file that holds DER, or one or more PEM blocks of a label.
 *
 * @returns empty when it is neither
 */
export function decodePemOrDer(bytes: Uint8Array, label: 'CERTIFICATE' | 'X509 CRL'): readonly Uint8Array[] {
  // DER of every structure we read starts with a SEQUENCE; PEM starts with text
  if (bytes[0] === 0x30) return [bytes]
  const text = Buffer.from(bytes).toString('latin1')
  const blocks: Uint8Array[] = []
  for (const [, kind, body] of text.matchAll(BLOCK)) {
    if (kind === label && body !== undefined) blocks.push(Uint8Array.from(Buffer.from(body, 'base64')))
  }
  return blocks
}
