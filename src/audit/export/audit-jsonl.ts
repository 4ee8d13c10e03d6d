import { z } from 'zod'
import type { AuditSeal, Tombstone } from '../seal/audit-seal.ts'
import type { StoredEvent } from '../seal/stored-event.ts'

/** First line of an export. */
export const EXPORT_FORMAT = 'sekisho:1 audit export'

const octets = z.base64url().transform((text) => new Uint8Array(Buffer.from(text, 'base64url')))
const number = z
  .string()
  .regex(/^[0-9]{1,19}$/)
  .transform(BigInt)
const time = z.iso.datetime().transform((text) => new Date(text))

const headerSchema = z.strictObject({
  format: z.literal(EXPORT_FORMAT),
  /** Public keys, RFC 7517: whoever does not trust the file brings keys from elsewhere. */
  keys: z.array(z.looseObject({ kid: z.string(), kty: z.string() })),
})
const eventSchema = z.strictObject({
  sequence: number,
  at: z.string(),
  type: z.string(),
  actor: z.string(),
  accountId: z.string().nullable(),
  credentialId: z.string().nullable(),
  clientId: z.string().nullable(),
  details: z.record(z.string(), z.unknown()),
})
const sealSchema = z.strictObject({
  number: z.int().positive(),
  firstSequence: number,
  lastSequence: number,
  root: octets,
  previous: octets.nullable().transform((value) => value ?? undefined),
  sealedAt: time,
  kid: z.string(),
  signature: octets,
  leaves: z.array(z.tuple([number, octets]).transform(([sequence, hash]) => ({ sequence, hash }))),
})
const tombstoneSchema = z.strictObject({
  sealNumber: z.int().positive(),
  events: z.int().positive(),
  reason: z.string(),
  prunedAt: time,
  kid: z.string(),
  signature: octets,
})
const lineSchema = z.union([
  headerSchema,
  z.strictObject({ event: eventSchema }),
  z.strictObject({ seal: sealSchema }),
  z.strictObject({ tombstone: tombstoneSchema }),
])

export type ExportLine =
  | z.output<typeof headerSchema>
  | { readonly event: StoredEvent }
  | { readonly seal: AuditSeal }
  | { readonly tombstone: Tombstone }

/** One line of JSON, without its end. */
export function writeExportLine(line: ExportLine): string {
  if ('event' in line) return JSON.stringify({ event: { ...line.event, sequence: line.event.sequence.toString() } })
  if ('seal' in line) {
    const { seal } = line
    return JSON.stringify({
      seal: {
        ...seal,
        firstSequence: seal.firstSequence.toString(),
        lastSequence: seal.lastSequence.toString(),
        root: text(seal.root),
        previous: seal.previous === undefined ? null : text(seal.previous),
        signature: text(seal.signature),
        leaves: seal.leaves.map(({ sequence, hash }) => [sequence.toString(), text(hash)]),
      },
    })
  }
  if ('tombstone' in line) {
    return JSON.stringify({ tombstone: { ...line.tombstone, signature: text(line.tombstone.signature) } })
  }
  return JSON.stringify(line)
}

/** @throws ZodError, SyntaxError when it is none */
export function readExportLine(text: string): ExportLine {
  return lineSchema.parse(JSON.parse(text))
}

function text(octets: Uint8Array): string {
  return Buffer.from(octets).toString('base64url')
}
