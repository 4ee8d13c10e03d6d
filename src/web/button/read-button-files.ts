import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'

/** One version of the built button (packages/sign-in-button), as it lies in public/button. */
export interface ButtonFile {
  readonly version: string
  readonly code: Buffer
  /** Subresource Integrity §3.1: `sha384-…`. */
  readonly integrity: string
}

/**
 * Every version that was ever released, newest first: a site that pinned one by its hash goes on getting it.
 * @throws Error when there is none
 */
export function readButtonFiles(directory: URL): readonly [ButtonFile, ...ButtonFile[]] {
  const versions = readdirSync(directory)
    .filter((name) => /^\d+\.\d+\.\d+$/.test(name))
    .sort((a, b) => compareVersions(b, a))
  const [newest, ...older] = versions.map((version) => {
    const code = readFileSync(new URL(`${version}/button.js`, directory))
    return { version, code, integrity: `sha384-${createHash('sha384').update(code).digest('base64')}` }
  })
  if (newest === undefined) throw new Error('public/button holds no version of the button: npm run button')
  return [newest, ...older]
}

function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((version) => version.split('.').map(Number)) as [number[], number[]]
  const difference = left.findIndex((part, index) => part !== right[index])
  return difference < 0 ? 0 : (left[difference] ?? 0) - (right[difference] ?? 0)
}
