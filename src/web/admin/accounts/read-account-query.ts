import { z } from 'zod'
import { wordsSchema } from '../../../administration/reason.ts'
import type { AccountQuery, TimeSpan } from '../../../administration/account/account-search.ts'

const day = z.iso.date()
const STATUSES = ['active', 'suspended', 'closed', 'merged'] as const
const CREDENTIAL_STATUSES = ['current', 'superseded', 'revoked', 'unlinked'] as const
const KINDS = ['card-auth', 'card-sign', 'phone-auth'] as const

/** What may be asked for, as a form and the API write it; days are days in Japan. */
export const accountQuerySchema = z.strictObject({
  text: wordsSchema(300).optional(),
  client: wordsSchema(255).optional(),
  external: wordsSchema(255).optional(),
  status: z.enum(STATUSES).optional(),
  credentialStatus: z.enum(CREDENTIAL_STATUSES).optional(),
  kind: z.enum(KINDS).optional(),
  createdFrom: day.optional(),
  createdUntil: day.optional(),
  usedFrom: day.optional(),
  usedUntil: day.optional(),
  doneFrom: day.optional(),
  doneUntil: day.optional(),
})

export type WrittenQuery = z.infer<typeof accountQuerySchema>

export const QUERY_CHOICES = { status: STATUSES, credentialStatus: CREDENTIAL_STATUSES, kind: KINDS } as const

/** Of an address: an empty field asks for nothing, and what does not fit is said, not obeyed. */
export function readAccountQuery(query: Readonly<Record<string, string>>): {
  readonly written: WrittenQuery
  readonly faults: readonly string[]
} {
  const written: Record<string, string> = {}
  const faults: string[] = []
  for (const [name, schema] of Object.entries(accountQuerySchema.shape)) {
    const value = query[name]?.trim() ?? ''
    if (value === '') continue
    if (schema.safeParse(value).success) written[name] = value
    else faults.push(name)
  }
  return { written: accountQuerySchema.parse(written), faults }
}

export function accountQueryOf(written: WrittenQuery): AccountQuery {
  const { text, client, external, status, credentialStatus, kind } = written
  return {
    text,
    external: client !== undefined && external !== undefined ? { clientId: client, externalId: external } : undefined,
    ...{ status, credentialStatus, credentialKind: kind },
    created: spanOf(written.createdFrom, written.createdUntil),
    lastUsed: spanOf(written.usedFrom, written.usedUntil),
    operated: spanOf(written.doneFrom, written.doneUntil),
  }
}

const DAY_MS = 86_400_000

/** Both days are meant with all of their hours. */
function spanOf(from: string | undefined, until: string | undefined): TimeSpan | undefined {
  if (from === undefined && until === undefined) return undefined
  const begins = (text: string): Date => new Date(`${text}T00:00:00+09:00`)
  return {
    from: from === undefined ? undefined : begins(from),
    until: until === undefined ? undefined : new Date(begins(until).getTime() + DAY_MS),
  }
}
