import { z } from 'zod'

const REASONS = [
  'unspecified',
  'keyCompromise',
  'cACompromise',
  'affiliationChanged',
  'superseded',
  'cessationOfOperation',
  'certificateHold',
] as const

const instant = z.iso.datetime().transform((text) => new Date(text))

/** What an operator answers (docs/revocation-operator.md). Unknown members are refused: a contract is a contract. */
const answerSchema = z
  .strictObject({
    request_id: z.string().max(64),
    issuer_key_id: z.string().regex(/^[0-9a-f]{2,128}$/),
    serial_number: z.string().regex(/^[0-9a-f]{2,42}$/),
    status: z.enum(['good', 'revoked', 'unknown']),
    revoked_at: instant.optional(),
    reason: z.enum(REASONS).optional(),
    this_update: instant,
    next_update: instant.optional(),
  })
  .refine(
    ({ status, revoked_at, reason }) => status === 'revoked' || (revoked_at === undefined && reason === undefined),
  )

export interface OperatorAnswer {
  readonly requestId: string
  readonly issuerKeyId: string
  readonly serialNumber: string
  readonly status: 'good' | 'revoked' | 'unknown'
  readonly revokedAt: Date | undefined
  readonly reason: string | undefined
  readonly thisUpdate: Date
  readonly nextUpdate: Date | undefined
}

/** @returns undefined when the body is not such an answer */
export function parseOperatorAnswer(body: Uint8Array): OperatorAnswer | undefined {
  const parsed = answerSchema.safeParse(parseJson(body))
  if (!parsed.success) return undefined
  const { data } = parsed
  return {
    requestId: data.request_id,
    issuerKeyId: data.issuer_key_id,
    serialNumber: data.serial_number,
    status: data.status,
    revokedAt: data.revoked_at,
    reason: data.reason,
    thisUpdate: data.this_update,
    nextUpdate: data.next_update,
  }
}

const tokenSchema = z.object({
  access_token: z.string().min(1).max(8192),
  token_type: z.string().regex(/^bearer$/i),
  expires_in: z.number().positive().optional(),
})

/** RFC 6749 §5.1. @returns undefined when the body is not a token response */
export function parseTokenAnswer(
  body: Uint8Array,
): { readonly token: string; readonly lifetimeMs: number } | undefined {
  const parsed = tokenSchema.safeParse(parseJson(body))
  if (!parsed.success) return undefined
  return { token: parsed.data.access_token, lifetimeMs: (parsed.data.expires_in ?? 0) * 1000 }
}

function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString('utf8'))
  } catch {
    return undefined
  }
}
