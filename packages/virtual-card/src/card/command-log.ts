/** One exchange, with what must not be kept left out: no PIN, no data of the answer. */
export interface CommandRecord {
  /** `SELECT`, `READ BINARY`, `VERIFY`, `SIGN`, or the instruction byte in hexadecimal. */
  readonly name: string
  /** The command in hexadecimal; everything behind the header of VERIFY and of its relatives is `****`. */
  readonly command: string
  /** Status word in hexadecimal, e.g. `63C2`. */
  readonly status: string
}

const NAMES: Readonly<Record<number, string>> = { 0xa4: 'SELECT', 0xb0: 'READ BINARY', 0x20: 'VERIFY', 0x2a: 'SIGN' }

// VERIFY (20, 21), CHANGE REFERENCE DATA (24, 25), RESET RETRY COUNTER (2C, 2D), CHANGE KEY (32): all may carry a PIN.
const CARRIES_SECRET: ReadonlySet<number> = new Set([0x20, 0x21, 0x24, 0x25, 0x2c, 0x2d, 0x32])
const HEADER_LENGTH = 4

/** Makes the record of one exchange. Any class byte is masked alike: a malformed VERIFY still holds somebody's PIN. */
export function recordCommand(apdu: Uint8Array, response: Uint8Array): CommandRecord {
  const instruction = apdu[1]
  const hex = toHex(apdu)
  // A lone 00 is the Le of a retry query, not a PIN.
  const query = apdu.length === HEADER_LENGTH + 1 && apdu[HEADER_LENGTH] === 0
  const secret = instruction !== undefined && CARRIES_SECRET.has(instruction) && apdu.length > HEADER_LENGTH && !query
  return {
    name: instruction === undefined ? '' : (NAMES[instruction] ?? toHex(Uint8Array.of(instruction))),
    command: secret ? `${hex.slice(0, 2 * HEADER_LENGTH)}****` : hex,
    status: toHex(response.subarray(-2)),
  }
}

function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex').toUpperCase()
}
