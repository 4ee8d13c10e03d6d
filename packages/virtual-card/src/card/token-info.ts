const TOKEN_INFO_LENGTH = 160

// PKCS #11 v2.40 §3.2, CK_TOKEN_INFO flags: RNG, LOGIN_REQUIRED, USER_PIN_INITIALIZED, TOKEN_INITIALIZED.
const FLAGS = 0x40d
const UNAVAILABLE = 0xffffffff

/**
 * Content of EF 0006: a CK_TOKEN_INFO of PKCS #11 in 160 bytes, integers as 32 bits big-endian, texts padded with spaces.
 * The first 32 bytes tell a plastic card from a phone (jpki.md §1.2). The serial number is left blank: real cards differ,
 * and nobody should come to rely on one.
 */
export function encodeTokenInfo(label: string): Buffer {
  const info = Buffer.alloc(TOKEN_INFO_LENGTH, ' ')
  info.write(label, 0, 32, 'ascii')
  info.write('SEKISHO VIRTUAL CARD', 32, 32, 'ascii')
  info.write('VIRTUAL', 64, 16, 'ascii')
  const numbers = [FLAGS, 0, 0, 0, 0, 16, 4, UNAVAILABLE, UNAVAILABLE, UNAVAILABLE, UNAVAILABLE]
  numbers.forEach((value, index) => info.writeUInt32BE(value, 96 + 4 * index))
  info.write('0301', 140, 4, 'ascii') // hardware and firmware version, written as ASCII digits by real cards
  info.fill('0', 144, TOKEN_INFO_LENGTH)
  return info
}
