import { z } from 'zod'

const DEFAULT_LIMIT = 50
const MAX_LIMIT = 200

/** `?limit=&cursor=`, for lists. A cursor is what `next` of the page before said; nothing can be read from it. */
export const pageQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(MAX_LIMIT).default(DEFAULT_LIMIT),
  cursor: z.string().min(1).max(500).optional(),
})

/** A page of a list: `next` is absent on the last one. */
export function pageOf<Item extends z.ZodType>(item: Item) {
  return z.strictObject({ items: z.array(item), next: z.string().optional() })
}
