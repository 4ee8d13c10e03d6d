import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'

/** What scripts/agent/build-agent.ts writes. */
const schema = z.strictObject({
  format: z.literal('sekisho-agent-downloads:1'),
  version: z.string().regex(/^\d+\.\d+\.\d+$/),
  downloads: z
    .array(
      z.strictObject({
        kind: z.enum(['linux-x64', 'npm']),
        // one name in one folder: nothing else of the machine can be asked for
        file: z.string().regex(/^[A-Za-z0-9][\w.-]{0,200}$/),
        bytes: z.int().positive(),
        sha256: z.string().regex(/^[0-9a-f]{64}$/),
      }),
    )
    .max(20),
})

export type Downloads = z.infer<typeof schema>

/**
 * The builds of the agent in a folder, as `npm run build:agent` made it.
 *
 * @throws Error when the folder is not such a one, or a file is missing or of another size
 */
export function readDownloads(directory: string): Downloads {
  let content: unknown
  try {
    content = JSON.parse(readFileSync(join(directory, 'downloads.json'), 'utf8'))
  } catch {
    throw new Error('AGENT_DOWNLOADS_DIR: there is no readable downloads.json; npm run build:agent makes one')
  }
  const parsed = schema.safeParse(content)
  if (!parsed.success) throw new Error('AGENT_DOWNLOADS_DIR: its downloads.json is not what npm run build:agent makes')
  for (const { file, bytes } of parsed.data.downloads) {
    const found = statSync(join(directory, file), { throwIfNoEntry: false })
    if (found?.isFile() !== true || found.size !== bytes) {
      throw new Error(`AGENT_DOWNLOADS_DIR: ${file} is not there, or not whole`)
    }
  }
  return parsed.data
}
