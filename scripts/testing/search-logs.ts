import { createReadStream, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { KNOWN_FILE_SUFFIX, LOG_FILE_SUFFIX } from './log-directory.ts'

/** Something that must be in no log. */
export interface KnownSecret {
  readonly kind: string
  readonly value: string
}

export interface LogFinding {
  readonly kind: string
  /** File and line; never the line itself, which would be printed into another log. */
  readonly place: string
}

export interface LogSearch {
  readonly files: number
  readonly lines: number
  readonly known: number
  readonly findings: readonly LogFinding[]
}

/** What is recognised by its look, whoever made it. */
const SHAPES: readonly { readonly kind: string; readonly pattern: RegExp }[] = [
  { kind: 'PEM', pattern: /-----BEGIN [A-Z ]+-----/ },
  // DER SEQUENCE of 256 octets or more, as certificates and keys begin, in base64 and in hex
  { kind: 'DER in base64', pattern: /MII[A-Za-z0-9+/_-]{120,}/ },
  { kind: 'DER in hex', pattern: /3082[0-9a-f]{240,}/i },
  { kind: 'JWT', pattern: /eyJ[\w-]{16,}\.[\w-]{16,}\.[\w-]{16,}/ },
  { kind: 'access token', pattern: /\bsk(?:at|cc)_[\w-]{16,}/ },
  { kind: 'refresh token', pattern: /\bskrt_[\w-]{16,}/ },
  { kind: 'Authorization header', pattern: /\b(?:Bearer|DPoP|Basic) [A-Za-z0-9+/_=.-]{16,}/ },
  // the PIN of every virtual card, standing alone: not within an id, a time, an address or a number
  { kind: 'PIN', pattern: /(?<![\w./+-])(?<!\w:)1234(?![\w.:/+-])/ },
  { kind: 'password of a database', pattern: /postgres(?:ql)?:\/\/[^\s:@/]+:[^\s@/]+@/ },
  { kind: 'signature password', pattern: /\bABC123\b/ },
]

/**
 * Looks through every log of a directory, line by line.
 *
 * @param more what is known beyond the files of the directory
 */
export async function searchLogs(directory: string, more: readonly KnownSecret[] = []): Promise<LogSearch> {
  const names = readdirSync(directory).toSorted()
  const known = uniqueValues([
    ...more,
    ...names.filter((name) => name.endsWith(KNOWN_FILE_SUFFIX)).flatMap((name) => readKnown(join(directory, name))),
  ])
  const findings: LogFinding[] = []
  let lines = 0
  const logs = names.filter((name) => name.endsWith(LOG_FILE_SUFFIX))
  for (const name of logs) {
    let number = 0
    for await (const line of createInterface({ input: createReadStream(join(directory, name)) })) {
      number += 1
      for (const kind of findIn(line, known)) findings.push({ kind, place: `${name}:${number}` })
    }
    lines += number
  }
  return { files: logs.length, lines, known: known.size, findings }
}

/** @param known value → kind */
export function findIn(line: string, known: ReadonlyMap<string, string>): string[] {
  const kinds = SHAPES.filter(({ pattern }) => pattern.test(line)).map(({ kind }) => kind)
  // word by word, so that thousands of values cost no more than one
  for (const word of line.split(/[^\p{L}\p{N}_-]+/u)) {
    const kind = known.get(word) ?? known.get(word.toLowerCase())
    if (kind !== undefined) kinds.push(kind)
  }
  // names have spaces in them
  for (const [value, kind] of known) if (value.includes(' ') && line.includes(value)) kinds.push(kind)
  return kinds
}

/** Serial numbers also as a log would write them in hex. */
export function uniqueValues(secrets: readonly KnownSecret[]): ReadonlyMap<string, string> {
  const values = new Map<string, string>()
  for (const { kind, value } of secrets) {
    values.set(value, kind)
    if (kind !== 'serial') continue
    const hex = BigInt(value).toString(16)
    values.set(hex, kind)
    values.set(hex.padStart(hex.length + (hex.length % 2), '0'), kind)
    values.set(`0x${hex}`, kind)
  }
  return values
}

function readKnown(path: string): KnownSecret[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const space = line.indexOf(' ')
      return { kind: line.slice(0, space), value: line.slice(space + 1) }
    })
}
