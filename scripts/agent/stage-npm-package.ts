import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { AGENT, AGENT_MANIFEST, AGENT_VERSION } from './agent-package.ts'

/** Lies two folders below the package's own, as the source does: from there it finds its files. */
const MAIN = 'lib/command/main.cjs'

/** The folder that `npm pack` packs: one file of code, the files it reads, one dependency. */
export function stageNpmPackage(
  directory: string,
  { code, resources, more }: { code: Uint8Array; resources: readonly string[]; more: Readonly<Record<string, string>> },
): void {
  const write = (path: string, content: string | Uint8Array): string => {
    const file = join(directory, path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, content)
    return file
  }
  chmodSync(write(MAIN, code), 0o755)
  for (const path of resources.filter((name) => name !== 'package.json')) {
    mkdirSync(dirname(join(directory, path)), { recursive: true })
    copyFileSync(fileURLToPath(new URL(path, AGENT)), join(directory, path))
  }
  for (const [path, content] of Object.entries(more)) write(path, content)
  const { license, engines, dependencies } = AGENT_MANIFEST
  write(
    'package.json',
    `${JSON.stringify(
      {
        name: '@sekisho/agent',
        version: AGENT_VERSION,
        description: 'The companion agent for signing in with a My Number Card on a computer',
        license,
        engines,
        bin: { 'sekisho-agent': MAIN },
        files: ['lib', 'views', 'locales', 'public', ...Object.keys(more)],
        dependencies: { 'pcsc-mini': dependencies['pcsc-mini'] },
      },
      null,
      2,
    )}\n`,
  )
}
