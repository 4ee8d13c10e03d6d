/** Command APDUs as hexadecimal text, written out as jpki.md §1.3 has them. */
export const SELECT_JPKI = '00A4040C0AD392F000260100000001'
export const RETRY_QUERY = '00200080'

export function selectFile(identifier: string): string {
  return `00A4020C02${identifier}`
}

export function readBinary(offset: number, length: number): string {
  return `00B0${offset.toString(16).padStart(4, '0')}${(length & 0xff).toString(16).padStart(2, '0')}`
}

export function verify(pin: string): string {
  return `00200080${Buffer.of(pin.length).toString('hex')}${Buffer.from(pin, 'ascii').toString('hex')}`
}

export function sign(input: Uint8Array): string {
  return `802A0080${Buffer.of(input.length).toString('hex')}${Buffer.from(input).toString('hex')}00`
}

interface Transmitter {
  transmit(apdu: Uint8Array): Buffer
}

/** Sends commands one after the other; answers the last one's status word in upper-case hexadecimal. */
export function send(card: Transmitter, ...commands: readonly string[]): string {
  return exchange(card, ...commands).status
}

/** Sends commands one after the other; answers data and status word of the last. */
export function exchange(card: Transmitter, ...commands: readonly string[]): { data: Buffer; status: string } {
  let response: Buffer = Buffer.alloc(0)
  for (const command of commands) response = card.transmit(Buffer.from(command, 'hex'))
  return { data: response.subarray(0, -2), status: response.subarray(-2).toString('hex').toUpperCase() }
}
