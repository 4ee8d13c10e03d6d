import { globSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { AGENT } from './agent-package.ts'

/** The files that the running agent reads (packages/agent/src/resources), by their path in its package. */
export function listResources(): readonly string[] {
  const found = globSync(['views/**/*.ejs', 'locales/*.json', 'public/*'], { cwd: fileURLToPath(AGENT) })
  return [...found, 'package.json'].sort()
}
