import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** Root of the repository. */
export const REPOSITORY = join(import.meta.dirname, '..', '..')

/** Writes a small tree of files: path relative to `directory` → content. */
export function plantFiles(directory: string, files: Readonly<Record<string, string>>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, path)), { recursive: true })
    writeFileSync(join(directory, path), content)
  }
}

/** Lets `@sekisho/<name>` of a planted tree lead to the planted package, as npm's workspaces do. */
export function linkWorkspaces(directory: string, names: readonly string[]): void {
  mkdirSync(join(directory, 'node_modules', '@sekisho'), { recursive: true })
  for (const name of names) {
    symlinkSync(join('..', '..', 'packages', name), join(directory, 'node_modules', '@sekisho', name))
  }
}
