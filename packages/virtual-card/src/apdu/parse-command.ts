/** A short command APDU, taken apart. */
export interface Command {
  readonly cla: number
  readonly ins: number
  readonly p1: number
  readonly p2: number
  /** Empty when the command has no data field (cases 1 and 2). */
  readonly data: Buffer
  /** Expected length 1–256, or `undefined` when there is no Le field (cases 1 and 3). */
  readonly le: number | undefined
}

const HEADER_LENGTH = 4

/**
 * Reads a command APDU of cases 1 to 4 in short form.
 *
 * @returns `undefined` when lengths do not add up, or for the extended form, which these cards do not need: the card
 *   answers 6700 to both.
 * @see ISO/IEC 7816-4 §5.2
 */
export function parseCommand(apdu: Uint8Array): Command | undefined {
  const [cla, ins, p1, p2] = apdu
  if (cla === undefined || ins === undefined || p1 === undefined || p2 === undefined) return undefined
  const body = Buffer.from(apdu.subarray(HEADER_LENGTH))
  const header = { cla, ins, p1, p2 }
  const [first] = body
  if (first === undefined) return { ...header, data: body, le: undefined }
  if (body.length === 1) return { ...header, data: Buffer.alloc(0), le: expectedLength(first) }
  // A zero here with more bytes behind it opens the extended form.
  if (first === 0) return undefined
  const data = body.subarray(1, 1 + first)
  const rest = body.subarray(1 + first)
  if (data.length !== first || rest.length > 1) return undefined
  const [le] = rest
  return { ...header, data, le: le === undefined ? undefined : expectedLength(le) }
}

/** Le 00 means 256. */
function expectedLength(le: number): number {
  return le === 0 ? 256 : le
}
