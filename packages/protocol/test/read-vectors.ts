import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'

const hex = z.string().regex(/^(?:[0-9a-f]{2})+$/)

const vectorsSchema = z.strictObject({
  format: z.literal('sekisho:1'),
  label: z.string(),
  vectors: z
    .array(
      z.strictObject({
        name: z.string(),
        inputs: z.strictObject({ providerOrigin: z.string(), nonce: z.string(), context: z.string() }),
        transcript: hex,
        digestInfo: hex,
      }),
    )
    .min(1),
})

/** The vectors that provider and agent are both held against; made without any code of this repository. */
export function readVectors(): z.infer<typeof vectorsSchema> {
  const path = join(import.meta.dirname, '..', 'vectors', 'transcript.json')
  return vectorsSchema.parse(JSON.parse(readFileSync(path, 'utf8')))
}
