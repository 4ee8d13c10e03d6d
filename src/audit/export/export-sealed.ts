import type { AuditBrowser } from '../browse/audit-browser.ts'
import { CSV_HEADER, writeCsvLine } from './audit-csv.ts'
import { EXPORT_FORMAT, writeExportLine } from './audit-jsonl.ts'

export type ExportFormat = 'jsonl' | 'csv'

/**
 * What is sealed, as `sekisho audit export` writes it, for somebody whose connection may be slow: batch by batch, each of one moment, and
 * no transaction stands open meanwhile. What is not sealed yet is left out, since a number may still appear before another; an export
 * is gone on with by the number of the last seal that came.
 *
 * @param after a seal's number; 0 to begin
 */
export async function* exportSealed({
  browser,
  format,
  after,
  keys,
}: {
  readonly browser: Pick<AuditBrowser, 'head' | 'sealed' | 'tombstones'>
  readonly format: ExportFormat
  readonly after: number
  readonly keys: readonly { readonly kid: string; readonly kty: string }[]
}): AsyncGenerator<string> {
  const upTo = (await browser.head()).seal?.number ?? 0
  const isBeginning = after === 0
  if (isBeginning)
    yield line(format === 'csv' ? CSV_HEADER : writeExportLine({ format: EXPORT_FORMAT, keys: [...keys] }))
  for await (const { seal, events } of browser.sealed({ after, upTo })) {
    for (const event of events) yield line(format === 'csv' ? writeCsvLine(event) : writeExportLine({ event }))
    if (format === 'jsonl') yield line(writeExportLine({ seal }))
  }
  if (format === 'csv') return
  // again: they come long after their seals
  for (const tombstone of await browser.tombstones({ after: 0, upTo })) yield line(writeExportLine({ tombstone }))
}

const line = (text: string): string => `${text}\n`
