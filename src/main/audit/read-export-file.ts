import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import type { ExportPlace } from '../../audit/export/export-lines.ts'
import { readExportLine, type ExportLine } from '../../audit/export/audit-jsonl.ts'
import { CommandRefused, EX_DATAERR } from '../command-refused.ts'

/** The lines of an export, one in memory. @throws CommandRefused naming the first line that is none */
export async function* readExportFile(file: string): AsyncGenerator<ExportLine> {
  let number = 0
  for await (const text of createInterface({ input: createReadStream(file, 'utf8'), crlfDelay: Infinity })) {
    number += 1
    let line: ExportLine
    try {
      line = readExportLine(text)
    } catch (cause) {
      throw new CommandRefused(EX_DATAERR, `${file}:${number} is not a line of an audit export.`, { cause })
    }
    yield line
  }
}

/** Where an export ends; a last line that was cut off in writing does not count. */
export async function findExportPlace(file: string): Promise<ExportPlace> {
  const place = { sequence: 0n, seal: 0 }
  for await (const line of readExportFile(file)) {
    if ('event' in line) place.sequence = line.event.sequence
    if ('seal' in line) place.seal = line.seal.number
  }
  return place
}
