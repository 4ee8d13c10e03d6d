import { open, readFile } from 'node:fs/promises'

const STEP_BYTES = 4 * 1024 * 1024

/**
 * Looks for bytes in everything that a process can write to: heap, buffers, stacks (Linux, proc(5): maps and mem).
 *
 * @returns those found, as text
 */
export async function scanMemory(pid: number, needles: readonly Buffer[]): Promise<string[]> {
  const maps = await readFile(`/proc/${String(pid)}/maps`, 'latin1')
  const memory = await open(`/proc/${String(pid)}/mem`, 'r')
  const found = new Set<string>()
  const overlap = Math.max(...needles.map(({ length }) => length)) - 1
  const piece = Buffer.alloc(STEP_BYTES + overlap)
  try {
    for (const [, from = '', to = '', access = ''] of maps.matchAll(/^([0-9a-f]+)-([0-9a-f]+) (\S+)/gm)) {
      if (!access.startsWith('rw')) continue
      const end = Number.parseInt(to, 16)
      for (let at = Number.parseInt(from, 16); at < end; at += STEP_BYTES) {
        const length = Math.min(piece.length, end - at)
        // A mapping may have gone since, or may be one that cannot be read.
        const bytesRead = await memory.read(piece, 0, length, at).then(
          ({ bytesRead: bytes }) => bytes,
          () => 0,
        )
        const part = piece.subarray(0, bytesRead)
        for (const needle of needles) if (part.includes(needle)) found.add(needle.toString('latin1'))
      }
    }
  } finally {
    await memory.close()
  }
  return [...found]
}
