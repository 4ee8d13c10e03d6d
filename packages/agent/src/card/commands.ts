import { allocateSecret } from '../pin/allocate-secret.ts'
import { JPKI_AID, type FileId } from './jpki-application.ts'

/** 00 A4 04 0C: SELECT by name, no answer data. */
export function selectApplicationCommand(): Buffer {
  return Buffer.concat([Buffer.from([0x00, 0xa4, 0x04, 0x0c, JPKI_AID.length]), JPKI_AID])
}

/** 00 A4 02 0C: SELECT an elementary file under the current application. */
export function selectFileCommand(file: FileId): Buffer {
  return Buffer.from([0x00, 0xa4, 0x02, 0x0c, 0x02, file >> 8, file & 0xff])
}

/** 00 B0: READ BINARY, 15-bit offset, 1 to 256 bytes. */
export function readBinaryCommand(offset: number, length: number): Buffer {
  return Buffer.from([0x00, 0xb0, offset >> 8, offset & 0xff, length & 0xff])
}

/** ISO/IEC 7816-4 case 1: no data, no Le. Cannot be taken for a VERIFY with a PIN, because there is no PIN in it. */
export function askTriesCommand(): Buffer {
  return Buffer.from([0x00, 0x20, 0x00, 0x80])
}

/** The same with a zero fifth byte, for PC/SC stacks that refuse four bytes (jpki.md §1.3). */
export function askTriesFiveByteCommand(): Buffer {
  return Buffer.from([0x00, 0x20, 0x00, 0x80, 0x00])
}

/** 00 20 00 80 04: VERIFY. The caller's buffer is copied; the channel zeroes this copy once the reader has taken it. */
export function verifyPinCommand(pin: Uint8Array): Buffer {
  const command = allocateSecret(5 + pin.length)
  command.set([0x00, 0x20, 0x00, 0x80, pin.length])
  command.set(pin, 5)
  return command
}

/** 80 2A 00 80: COMPUTE DIGITAL SIGNATURE with P1=00, where the card pads the given DigestInfo and signs (jpki.md §1.4). */
export function computeSignatureCommand(digestInfo: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([0x80, 0x2a, 0x00, 0x80, digestInfo.length]), digestInfo, Buffer.from([0x00])])
}

/** 00 C0: GET RESPONSE. */
export function getResponseCommand(length: number): Buffer {
  return Buffer.from([0x00, 0xc0, 0x00, 0x00, length & 0xff])
}
