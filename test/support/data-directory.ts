/** Data directories with a database cluster already created, which takes PGlite seconds. */
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { PGlite } from '@electric-sql/pglite'
import { createTempDirectory, type TempDirectory } from './temp-directory.ts'

/** Holds an empty cluster, copied from one that is made once and kept between test runs. */
export async function createDataDirectory(): Promise<TempDirectory> {
  const directory = createTempDirectory('data')
  cpSync(await clusterTemplate(), join(directory.path, 'postgres'), { recursive: true })
  return directory
}

async function clusterTemplate(): Promise<string> {
  const modules = fileURLToPath(new URL('../../node_modules', import.meta.url))
  const manifest = readFileSync(join(modules, '@electric-sql/pglite/package.json'), 'utf8')
  const { version } = JSON.parse(manifest) as { version: string }
  const cache = join(modules, '.cache', 'sekisho-test')
  const template = join(cache, `pglite-${version}`)
  if (existsSync(template)) return template
  mkdirSync(cache, { recursive: true })
  const made = mkdtempSync(join(cache, 'making-'))
  const cluster = await PGlite.create(made)
  await cluster.close()
  try {
    // several test files may have made one; the first stays
    renameSync(made, template)
  } catch {
    rmSync(made, { recursive: true, force: true })
  }
  return template
}
