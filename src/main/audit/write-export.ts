import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import { finished } from 'node:stream/promises'
import type { ExportPlace } from '../../audit/export/export-lines.ts'
import { CommandRefused, EX_CANTCREAT } from '../command-refused.ts'
import { findExportPlace } from './read-export-file.ts'

export interface ExportTarget {
  readonly place: ExportPlace
  readonly isNew: boolean
  write(line: string): Promise<void>
  close(): Promise<void>
}

const START: ExportPlace = { sequence: 0n, seal: 0 }
const NEWLINE = 0x0a

/** Standard output, or a file that must not be there yet. @param resume go on with a file that an earlier export left */
export async function openExportTarget(
  file: string | undefined,
  { resume }: { resume: boolean },
): Promise<ExportTarget> {
  const isThere = file !== undefined && (await exists(file))
  if (isThere && !resume) {
    throw new CommandRefused(EX_CANTCREAT, `${file} is there already: --resume goes on with it, or name another file.`)
  }
  if (isThere) await cutUnfinishedLine(file)
  const place = isThere ? await findExportPlace(file) : START
  const stream = file === undefined ? process.stdout : createWriteStream(file, { flags: 'a', mode: 0o600 })
  return {
    place,
    isNew: !isThere || (await stat(file)).size === 0,
    async write(line) {
      if (!stream.write(`${line}\n`)) await once(stream, 'drain')
    },
    async close() {
      if (file === undefined) return
      stream.end()
      await finished(stream)
    },
  }
}

async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  )
}

/** An export that was killed ends in the middle of a line. */
async function cutUnfinishedLine(file: string): Promise<void> {
  const handle = await open(file, 'r+')
  try {
    let { size } = await handle.stat()
    const octet = Buffer.alloc(1)
    while (size > 0) {
      await handle.read(octet, 0, 1, size - 1)
      if (octet[0] === NEWLINE) break
      size -= 1
    }
    await handle.truncate(size)
  } finally {
    await handle.close()
  }
}
