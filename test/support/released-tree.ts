import { execFileSync } from 'node:child_process'
import { existsSync, globSync, mkdirSync, symlinkSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createTempDirectory, type TempDirectory } from './temp-directory.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

/**
 * The tree of an earlier release, as its commit has it, with the libraries of this one: those of its own would have to be installed.
 *
 * @throws Error when the history is not here: a test of an upgrade that has nothing to upgrade from must not look green
 */
export function extractRelease(commit: string): TempDirectory & { readonly tree: string } {
  const git = (...args: string[]): string => {
    try {
      return execFileSync('git', args, { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim()
    } catch (fault) {
      const { stderr = '' } = fault as { stderr?: string }
      throw new Error(
        `the release before (commit ${commit}, migrations/releases.json) is not here, so an upgrade from it cannot be tested. ` +
          `In a shallow clone: git fetch --unshallow. git said: ${stderr.trim()}`,
        { cause: fault },
      )
    }
  }
  git('cat-file', '-e', `${commit}^{commit}`)
  const directory = createTempDirectory('release')
  const tree = join(directory.path, 'tree')
  const archive = join(directory.path, 'tree.tar')
  mkdirSync(tree)
  git('archive', '--format=tar', `--output=${archive}`, commit)
  execFileSync('tar', ['-xf', archive, '-C', tree])
  // its own packages before ours
  const own = join(tree, 'node_modules', '@sekisho')
  mkdirSync(own, { recursive: true })
  for (const manifest of globSync('packages/*/package.json', { cwd: tree })) {
    const name = manifest.split('/')[1] ?? ''
    symlinkSync(relative(own, join(tree, 'packages', name)), join(own, name))
  }
  const libraries = join(ROOT, 'node_modules')
  if (!existsSync(libraries)) throw new Error('no node_modules: npm ci')
  symlinkSync(libraries, join(directory.path, 'node_modules'))
  return { ...directory, tree }
}
