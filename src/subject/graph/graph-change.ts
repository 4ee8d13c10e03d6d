import { z } from 'zod'

const id = z.uuid()
const accountState = z.strictObject({
  status: z.enum(['active', 'suspended', 'closed', 'merged']),
  mergedInto: id.optional(),
})
const credentialState = z.strictObject({
  accountId: id,
  status: z.enum(['current', 'superseded', 'revoked', 'unlinked']),
})
const link = {
  newerId: id,
  olderId: id,
  relation: z.enum(['renewed_by', 'reissued_as', 'linked_by_admin', 'hand_over']),
}
const subject = { accountId: id, sector: z.string(), sub: z.string() }

/**
 * What an operation changes, as data: it is written by the store, kept with the operation, and undone by turning it round
 * (`invert-changes.ts`). Reasons and actors stand in the operation.
 */
export const graphChangeSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('account'), accountId: id, before: accountState, after: accountState }),
  /** Undone, its people go back to where they were split off from. */
  z.strictObject({ kind: z.literal('account-added'), accountId: id, splitFrom: id }),
  z.strictObject({ kind: z.literal('credential'), credentialId: id, before: credentialState, after: credentialState }),
  z.strictObject({ kind: z.literal('link-added'), ...link }),
  z.strictObject({ kind: z.literal('link-undone'), ...link }),
  z.strictObject({ kind: z.literal('subject-inherited'), ...subject }),
  z.strictObject({ kind: z.literal('subject-disinherited'), ...subject }),
])

export type GraphChange = z.infer<typeof graphChangeSchema>
