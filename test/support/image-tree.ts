import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createTempDirectory, type TempDirectory } from './temp-directory.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

/**
 * What the Dockerfile's stage `provider` puts into /opt/sekisho, as far as that can be had without an engine: what its COPY lines name, and
 * the libraries of this checkout in place of those that `npm ci` would fetch.
 */
export function makeImageTree(): TempDirectory & { readonly tree: string } {
  const directory = createTempDirectory('image')
  chmodSync(directory.path, 0o755)
  const tree = join(directory.path, 'sekisho')
  mkdirSync(tree)
  const dockerfile = readFileSync(join(ROOT, 'Dockerfile'), 'utf8')
  const stage = dockerfile.slice(dockerfile.indexOf('AS provider'), dockerfile.indexOf('AS demo'))
  for (const [, sources = '', target = ''] of stage.matchAll(/^COPY (?!--from)(.+) (\S+)$/gm)) {
    for (const source of sources.split(' ')) {
      const to = target.endsWith('/') ? join(tree, target, source) : join(tree, target)
      cpSync(join(ROOT, source), to, {
        recursive: true,
        filter: (path) => !/\/(?:node_modules|test)(?:\/|$)/.test(path.slice(ROOT.length - 1)),
      })
    }
  }
  // of our own packages those alone that the stage has
  const libraries = join(tree, 'node_modules')
  mkdirSync(join(libraries, '@sekisho'), { recursive: true })
  for (const name of readdirSync(join(ROOT, 'node_modules'))) {
    if (!name.startsWith('.') && name !== '@sekisho')
      symlinkSync(join(ROOT, 'node_modules', name), join(libraries, name))
  }
  for (const name of readdirSync(join(tree, 'packages'))) {
    symlinkSync(join(tree, 'packages', name), join(libraries, '@sekisho', name))
  }
  return { ...directory, tree }
}
