import { readFileSync } from 'node:fs'
import { AGENT } from './agent-package.ts'
import type { ContainedPackage } from './contained-packages.ts'

const RULE = '-'.repeat(80)

/**
 * The licences of everything inside, in one text.
 *
 * @param options.node the version of the Node inside, or undefined
 * @throws Error when the licences of that Node are not in packages/agent/licences
 */
export function writeLicences(packages: readonly ContainedPackage[], { node }: { node: string | undefined }): string {
  const own = readFileSync(new URL('../../LICENSE', import.meta.url), 'utf8').trim()
  const parts = [
    `Sekisho Agent\n\n${own}`,
    ...packages.map(({ name, version, license, texts }) => {
      const text = texts.length > 0 ? texts.join('\n\n') : 'The package brings no text of its licence.'
      return `${name} ${version} (${license})\n\n${text}`
    }),
    ...(node === undefined ? [] : [`Node.js ${node}, with what it contains\n\n${readNodeLicence(node)}`]),
  ]
  return `${parts.join(`\n\n${RULE}\n`)}\n`
}

function readNodeLicence(version: string): string {
  const file = new URL(`licences/node-${version}.txt`, AGENT)
  try {
    return readFileSync(file, 'utf8').trim()
  } catch {
    throw new Error(
      `packages/agent/licences/node-${version}.txt is missing: it is the file LICENSE of that release of Node`,
    )
  }
}
