import { createHash } from 'node:crypto'
import { z } from 'zod'
import { Refusal } from '../../error-registry/refusal.ts'
import { displayText } from '../display-text.ts'

const DEFAULT_SECONDS = 600
/** A letter may take a few days. */
const MAX_SECONDS = 7 * 24 * 60 * 60

/** What a site calls one of its users. Compared as text, and a segment of an address: these two would never arrive (RFC 3986 §5.2.4). */
const externalIdSchema = visibleText(255).refine((text) => text !== '.' && text !== '..', 'must not be . or ..')

/** What a site asks for (`POST /api/v1/link-tickets`). Strict: a misspelt field is a fault, not a silent default. */
const linkRequestSchema = z.strictObject({
  external_id: externalIdSchema,
  label: visibleText(80).optional(),
  return_url: z.string().max(2048).optional(),
  expires_in: z.int().min(60).max(MAX_SECONDS).default(DEFAULT_SECONDS),
})

export interface LinkRequest {
  readonly externalId: string
  readonly label: string | undefined
  readonly returnUrl: string | undefined
  readonly expiresInSeconds: number
}

export interface FieldFault {
  readonly field: string
  readonly message: string
}

/** CLIENT_FIELDS_INVALID, with what is wrong: for the site's developer, who wrote it. */
export class FieldsRefused extends Refusal {
  readonly faults: readonly FieldFault[]

  constructor(faults: readonly FieldFault[]) {
    super('CLIENT_FIELDS_INVALID', faults.map(({ field, message }) => `${field}: ${message}`).join('; '))
    this.faults = faults
  }
}

/** @throws FieldsRefused */
export function readLinkRequest(unverified: unknown): LinkRequest {
  const { data, error } = linkRequestSchema.safeParse(unverified)
  if (data === undefined) {
    throw new FieldsRefused(
      error.issues.map(({ path, message, code }) => ({
        field: path.join('.') || 'body',
        // zod would repeat the names, which are whatever somebody sent
        message: code === 'unrecognized_keys' ? 'has fields that are not known' : message,
      })),
    )
  }
  return {
    externalId: data.external_id,
    label: data.label,
    returnUrl: data.return_url,
    expiresInSeconds: data.expires_in,
  }
}

/** Two requests with the same are the same request. */
export function digestLinkRequest({ externalId, label, returnUrl, expiresInSeconds }: LinkRequest): Uint8Array {
  const text = JSON.stringify([externalId, label ?? null, returnUrl ?? null, expiresInSeconds])
  return createHash('sha256').update(text, 'utf8').digest()
}

/** Whoever is asked whether it is them must see something. Marks alone stand on what comes before; U+2800 is a braille cell without a dot. */
function visibleText(maxLength: number): z.ZodString {
  return displayText(maxLength).regex(/[^\p{Z}\p{M}\p{Default_Ignorable_Code_Point}\u2800]/u, 'must not be blank')
}
