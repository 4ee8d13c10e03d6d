import type { ApduChannel } from './create-apdu-channel.ts'
import { CardFailure } from './card-failure.ts'
import { readBinaryCommand } from './commands.ts'
import { FILES } from './jpki-application.ts'
import { selectFile } from './select-file.ts'

const CHUNK_BYTES = 256
/** A true one has about 1,580 bytes in a file of some 3,800 (jpki.md §1.3); the wire format takes at most 6,144. */
const MAX_CERTIFICATE_BYTES = 4096
/** A card may answer with fewer bytes than asked for, but not one by one. */
const MAX_READS = 64

/**
 * The user-authentication certificate, without the padding of its file.
 *
 * @returns DER, exactly the outer SEQUENCE
 * @throws CardFailure CARD_NO_CERTIFICATE, CARD_UNSUPPORTED (needs the PIN first: a telephone), CARD_PROTOCOL_ERROR
 */
export async function readCertificate(channel: ApduChannel): Promise<Buffer> {
  await selectFile(channel, FILES.authenticationCertificate, 'CARD_NO_CERTIFICATE')
  let bytes = await readChunk(channel, 0, CHUNK_BYTES)
  if (bytes.every((byte) => byte === 0x00) || bytes.every((byte) => byte === 0xff)) {
    throw new CardFailure('CARD_NO_CERTIFICATE', 'empty file')
  }
  const length = outerLength(bytes)
  for (let reads = 1; bytes.length < length; reads += 1) {
    if (reads === MAX_READS) throw new CardFailure('CARD_PROTOCOL_ERROR', 'certificate in too many pieces')
    const chunk = await readChunk(channel, bytes.length, Math.min(CHUNK_BYTES, length - bytes.length))
    bytes = Buffer.concat([bytes, chunk])
  }
  return bytes.subarray(0, length)
}

/** X.690 §8.1.3: SEQUENCE with a two-byte length, the only form a certificate of 256 to 4,096 bytes can have in DER. */
function outerLength(bytes: Buffer): number {
  if (bytes.length < 4 || bytes[0] !== 0x30 || bytes[1] !== 0x82) {
    throw new CardFailure('CARD_PROTOCOL_ERROR', 'certificate is not a DER SEQUENCE')
  }
  const length = 4 + bytes.readUInt16BE(2)
  if (length < 4 + 256 || length > MAX_CERTIFICATE_BYTES) {
    throw new CardFailure('CARD_PROTOCOL_ERROR', `certificate of ${String(length)} bytes`)
  }
  return length
}

async function readChunk(channel: ApduChannel, offset: number, length: number): Promise<Buffer> {
  const { data, status } = await channel.send(readBinaryCommand(offset, length))
  if (status === 0x6982) throw new CardFailure('CARD_UNSUPPORTED', 'certificate needs the PIN first')
  // 6282: the file ended before Le (ISO/IEC 7816-4 §5.1.3); what came is good. 6B00: the offset is past the end.
  if (status === 0x6b00 && offset === 0) throw new CardFailure('CARD_NO_CERTIFICATE', 'empty file')
  if ((status !== 0x9000 && status !== 0x6282) || data.length === 0) {
    throw new CardFailure('CARD_PROTOCOL_ERROR', `READ BINARY ${status.toString(16)}`)
  }
  return data
}
