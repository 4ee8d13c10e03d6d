import { createInterface } from 'node:readline'
import { z } from 'zod'
import type { LostEvent } from '../../audit/plan-recovery.ts'
import type { RecoveryStore } from '../../storage/lineage/recovery-store.ts'
import { CommandRefused, EX_DATAERR } from '../command-refused.ts'

const text = z.string().nullish()
const eventSchema = z.object({
  sequence: z.union([z.int().min(1), z.string().regex(/^[1-9]\d{0,18}$/)]),
  type: z.string().min(1),
  accountId: text,
  account_id: text,
  credentialId: text,
  credential_id: text,
  clientId: text,
  client_id: text,
  details: z.record(z.string(), z.unknown()).nullish(),
})

/** A line of `sekisho audit export`, of which only the events count here; or a bare row of `audit_events`, as `row_to_json` writes it. */
const lineSchema = z.union([
  z.object({ event: eventSchema }).transform(({ event }) => event),
  eventSchema,
  z
    .union([z.object({ format: z.string() }), z.object({ seal: z.unknown() }), z.object({ tombstone: z.unknown() })])
    .transform(() => undefined),
])

const BATCH = 1000

export interface AuditCopy {
  readonly lines: number
  /** In the order of the copy. */
  readonly lost: readonly LostEvent[]
}

/**
 * Reads a copy of the audit log, one JSON object a line, and keeps what the database does not have.
 *
 * @throws CommandRefused for a line that is no event: a copy that is damaged proves nothing
 */
export async function readAuditCopy(
  input: NodeJS.ReadableStream,
  store: Pick<RecoveryStore, 'findLost'>,
): Promise<AuditCopy> {
  const lost: LostEvent[] = []
  let lines = 0
  let batch: (LostEvent & { readonly sequence: string })[] = []
  const settle = async (): Promise<void> => {
    const missing = await store.findLost(batch.map(({ sequence }) => sequence))
    lost.push(...batch.filter(({ sequence }) => missing.has(sequence)))
    batch = []
  }
  for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    lines++
    if (line.trim() === '') continue
    const event = parseLine(line, lines)
    if (event !== undefined) batch.push(event)
    if (batch.length === BATCH) await settle()
  }
  await settle()
  return { lines, lost }
}

function parseLine(line: string, number: number): (LostEvent & { readonly sequence: string }) | undefined {
  let json: unknown
  try {
    json = JSON.parse(line)
  } catch {
    json = undefined
  }
  const { success, data } = lineSchema.safeParse(json)
  if (!success) {
    throw new CommandRefused(EX_DATAERR, `Line ${number} of the copy is no line of an audit log. Nothing was changed.`)
  }
  return (
    data && {
      sequence: String(data.sequence),
      type: data.type,
      accountId: data.accountId ?? data.account_id ?? undefined,
      credentialId: data.credentialId ?? data.credential_id ?? undefined,
      clientId: data.clientId ?? data.client_id ?? undefined,
      details: data.details ?? {},
    }
  )
}
