import { createHash } from 'node:crypto'
import { SCRIPTS } from '../../src/storage/redis/scripts.ts'

const NAMES_OF_SCRIPTS = new Map(
  Object.entries(SCRIPTS).map(([name, { lua }]) => [createHash('sha1').update(lua).digest('hex'), name]),
)

/**
 * Reads what a client sends to Redis (RESP arrays of bulk strings) and names each command, and scripts of ours by their own name. Pieces may end anywhere.
 *
 * @returns takes a piece; gives the commands that it completed, in lower case
 */
export function createCommandReader(): (piece: Buffer) => readonly string[] {
  let unread = Buffer.alloc(0)
  return (piece) => {
    unread = Buffer.concat([unread, piece])
    const names: string[] = []
    for (;;) {
      const read = readCommand(unread)
      if (read === undefined) return names
      names.push(read.name)
      unread = unread.subarray(read.end)
    }
  }
}

function readCommand(octets: Buffer): { readonly name: string; readonly end: number } | undefined {
  const head = readNumber(octets, 0, '*')
  if (head === undefined) return undefined
  let at = head.end
  const words: string[] = []
  for (let index = 0; index < head.value; index++) {
    const length = readNumber(octets, at, '$')
    if (length === undefined || octets.length < length.end + length.value + 2) return undefined
    if (index < 2) words.push(octets.toString('latin1', length.end, length.end + length.value))
    at = length.end + length.value + 2
  }
  const [command = '', sha = ''] = words
  const isScript = /^evalsha$/i.test(command)
  return { name: isScript ? (NAMES_OF_SCRIPTS.get(sha) ?? 'rate limit') : command.toLowerCase(), end: at }
}

function readNumber(octets: Buffer, at: number, mark: '*' | '$'): { value: number; end: number } | undefined {
  const lineEnd = octets.indexOf('\r\n', at, 'latin1')
  if (lineEnd < 0) return undefined
  const line = octets.toString('latin1', at, lineEnd)
  if (!line.startsWith(mark)) throw new Error(`not a command of Redis: ${line.slice(0, 20)}`)
  return { value: Number(line.slice(1)), end: lineEnd + 2 }
}
