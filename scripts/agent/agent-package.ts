import { readFileSync } from 'node:fs'

export const AGENT = new URL('../../packages/agent/', import.meta.url)

interface Manifest {
  readonly version: string
  readonly license: string
  readonly engines: { readonly node: string }
  readonly dependencies: Readonly<Record<string, string>>
}

export const AGENT_MANIFEST = JSON.parse(readFileSync(new URL('package.json', AGENT), 'utf8')) as Manifest
export const AGENT_VERSION = AGENT_MANIFEST.version
