/**
 * `npm run build:agent [-- --no-archive]`: the agent as people get it, into dist/agent: an npm package, a single executable for
 * Linux x64, licences, bills of materials (CycloneDX), checksums. `AGENT_DOWNLOADS_DIRECTORY=dist/agent` lets a provider offer it.
 */
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { buildAgent } from './agent/build-agent.ts'

const { values } = parseArgs({ options: { 'no-archive': { type: 'boolean', default: false } } })
const output = join(import.meta.dirname, '..', 'dist', 'agent')
await buildAgent({ output, archive: !values['no-archive'] })
for (const file of readdirSync(output).sort()) {
  const { size } = statSync(join(output, file))
  console.log(`${String(size).padStart(12)}  ${join('dist', 'agent', file)}`)
}
